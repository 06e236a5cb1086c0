// Buttons that copy the code beside them. Without a clipboard they stay away.

if (navigator.clipboard) {
  document.documentElement.dataset["copies"] = "";
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest<HTMLElement>("button[data-copy]") : null;
    const code = button?.parentElement?.querySelector("code");
    if (button && code) void copy(button, code.textContent ?? "");
  });
}

async function copy(button: HTMLElement, text: string): Promise<void> {
  const said = await navigator.clipboard.writeText(text).then(
    () => "Copied",
    () => "Not allowed",
  );
  button.textContent = said;
  setTimeout(() => (button.textContent = "Copy"), 2_000);
}

export {};
