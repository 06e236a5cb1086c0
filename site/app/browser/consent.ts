// Asks what needs a visitor's consent, one question after the other, keeps each answer, and begins only after a yes.
import type { Purpose } from "../parts/consent";

declare global {
  interface Window {
    dataLayer?: unknown[];
  }
}

const BEGIN: Record<Purpose, (told: string) => void> = { analytics: count, replay: record };
const questions = [...document.querySelectorAll<HTMLElement>("[data-consent]")];
const purpose = (question: HTMLElement) => question.dataset["consent"] as Purpose;

function answered(of: Purpose): string | null {
  try {
    return localStorage.getItem(`consent-${of}`);
  } catch {
    return null; // storage is refused: then so is consent, and the question comes again
  }
}

function keep(of: Purpose, answer: string) {
  try {
    localStorage.setItem(`consent-${of}`, answer);
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

// The recorder joins what sends errors, so that comes first.
function record(told: string) {
  const scripts = JSON.parse(told) as string[];
  scripts
    .reduce((before, script) => before.then(() => import(/* @vite-ignore */ script)), Promise.resolve())
    .catch(() => undefined); // somebody blocks it, or the network is away: the page does without
}

function forget() {
  const names = document.cookie.split("; ").map((each) => each.split("=")[0] ?? "").filter((name) => name.startsWith("_ga"));
  const domains = ["", ...location.hostname.split(".").map((_, index, labels) => `;domain=${labels.slice(index).join(".")}`)];
  for (const name of names) for (const domain of domains) document.cookie = `${name}=;max-age=0;path=/${domain}`;
}

function ask(wanted: readonly HTMLElement[]) {
  for (const each of questions) each.hidden = each !== wanted[0];
}

if (questions.length > 0) {
  for (const each of questions) if (answered(purpose(each)) === "yes") BEGIN[purpose(each)](each.dataset["told"] ?? "");
  let open = questions.filter((each) => answered(purpose(each)) === null);
  let revoked = false;
  ask(open);
  document.addEventListener("click", ({ target }) => {
    if (!(target instanceof Element)) return;
    if (target.closest("[data-consent-again]")) {
      open = [...questions];
      ask(open);
      open[0]?.querySelector("button")?.focus();
    }
    const answer = target.closest<HTMLElement>("[data-consent-answer]")?.dataset["consentAnswer"];
    const [question, ...more] = open;
    if (!answer || !question) return;
    const before = answered(purpose(question));
    keep(purpose(question), answer);
    if (answer === "yes" && before !== "yes") BEGIN[purpose(question)](question.dataset["told"] ?? "");
    if (answer === "no" && before === "yes") {
      if (purpose(question) === "analytics") forget();
      revoked = true;
    }
    open = more;
    ask(open);
    if (open[0]) open[0].querySelector("button")?.focus();
    else if (revoked) location.reload(); // what other scripts do already ends with the page
  });
}
