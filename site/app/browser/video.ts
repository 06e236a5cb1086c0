// A click on a video's link puts the player there instead of going to the video's page.
for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-video]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const player = document.createElement("iframe");
    player.src = link.dataset["video"] ?? "";
    player.title = link.dataset["title"] ?? "Video";
    player.allow = "autoplay; fullscreen; picture-in-picture";
    player.referrerPolicy = "strict-origin-when-cross-origin";
    player.className = "aspect-video w-full";
    link.replaceWith(player);
    player.focus();
  });
}

export {};
