// Asks whether visits may be counted by Google Analytics, keeps the answer, and loads Google's script only after a yes.
export {}; // a module, also for the compiler

const KEY = "consent";

declare global {
  interface Window {
    dataLayer?: unknown[];
  }
}

const question = document.querySelector<HTMLElement>("[data-consent]");

function answered(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is refused: then so is counting, and the question comes again
  }
}

function keep(answer: string) {
  try {
    localStorage.setItem(KEY, answer);
  } catch {
    // see above
  }
}

// Google's loader reads the arguments objects that this function pushes, so it is what its documentation says it is.
function count(id: string) {
  const said = (window.dataLayer ??= []);
  function gtag(..._: unknown[]) {
    said.push(arguments);
  }
  gtag("js", new Date());
  gtag("config", id);
  const script = document.createElement("script");
  script.async = true;
  script.src = `https://www.googletagmanager.com/gtag/js?id=${encodeURIComponent(id)}`;
  document.head.append(script);
}

function forget() {
  const names = document.cookie.split("; ").map((each) => each.split("=")[0] ?? "").filter((name) => name.startsWith("_ga"));
  const domains = ["", ...location.hostname.split(".").map((_, index, labels) => `;domain=${labels.slice(index).join(".")}`)];
  for (const name of names) for (const domain of domains) document.cookie = `${name}=;max-age=0;path=/${domain}`;
}

if (question) {
  const id = question.dataset["consent"] ?? "";
  if (answered() === "yes") count(id);
  else question.hidden = answered() === "no";
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element)) return;
    if (target.closest("[data-consent-again]")) {
      question.hidden = false;
      question.querySelector("button")?.focus();
    }
    const answer = target.closest<HTMLElement>("[data-consent-answer]")?.dataset["consentAnswer"];
    if (!answer) return;
    const before = answered();
    keep(answer);
    question.hidden = true;
    if (answer === "yes" && before !== "yes") count(id);
    if (answer === "no" && before === "yes") {
      forget();
      location.reload(); // what Google's script does already ends with the page
    }
  });
}
