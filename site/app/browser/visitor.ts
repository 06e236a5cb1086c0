// Puts the visitor's platform first, or says why the page could not choose.
import { BECAUSE, detect, type Because, type Visitor } from "../parts/downloads/platform";

interface Hints {
  platform: string;
  mobile: boolean;
  getHighEntropyValues(names: string[]): Promise<{ architecture?: string; bitness?: string }>;
}

/** Marks the offers for this machine; `?channel=` and `?because=` are what the endpoint's own guess leads here with. */
export async function showPlatform(page: HTMLElement): Promise<void> {
  const asked = new URLSearchParams(location.search);
  const offers = [...page.querySelectorAll<HTMLElement>("[data-offer]")];
  const targets = [...new Set(offers.map((each) => each.dataset["offer"]?.split("/")[1] ?? ""))];
  const found = detect(await visitor(), targets);
  const because = BECAUSE.find((each) => each === asked.get("because"));
  for (const offer of offers) {
    if (offer.dataset["offer"]?.endsWith(`/${found}`)) offer.dataset["yours"] = "";
    if (found === "mac" && offer.dataset["offer"]?.includes("/darwin-")) offer.dataset["yours"] = "perhaps";
  }
  for (const call of page.querySelectorAll<HTMLElement>("[data-call]")) showCall(page, call);
  explain(page, because === "nothing" ? because : isReason(found) ? (because ?? found) : null);
  const section = document.getElementById(asked.get("channel") ?? "");
  if (section instanceof HTMLDetailsElement) section.open = true;
  if (section && because && asked.get("channel") !== "stable") section.scrollIntoView();
}

/** Lets the button lead to the file that the page offers for this machine now. */
export function showCall(page: HTMLElement, call: HTMLElement): void {
  const channel = call.dataset["call"] ?? "";
  const offer = page.querySelector<HTMLElement>(`[data-offer^="${channel}/"][data-yours=""]`);
  const link = call.querySelector<HTMLAnchorElement>("[data-call-link]");
  if (!offer || !link) return;
  const version = offer.dataset["shown"] ?? offer.dataset["version"] ?? "";
  const [address] = [...offer.querySelectorAll<HTMLAnchorElement>("[data-bundle]:not([hidden]) [data-link]")];
  const title = offer.querySelector("[data-title]")?.textContent ?? "";
  link.hidden = version === "" || !address;
  if (address) link.href = address.href;
  link.textContent = `Download for ${title}`;
}

async function visitor(): Promise<Visitor> {
  const hints = (navigator as { userAgentData?: Hints }).userAgentData;
  const more = await hints?.getHighEntropyValues(["architecture", "bitness"]).catch(() => ({}));
  return {
    agent: navigator.userAgent,
    platform: hints?.platform ?? "",
    arch: (more as { architecture?: string } | undefined)?.architecture ?? "",
    bitness: (more as { bitness?: string } | undefined)?.bitness ?? "",
    mobile: hints?.mobile ?? false,
    touch: navigator.maxTouchPoints > 1,
  };
}

const isReason = (found: string): found is Because => BECAUSE.some((each) => each === found);

function explain(page: HTMLElement, because: Because | null): void {
  for (const each of page.querySelectorAll<HTMLElement>("[data-because]")) each.hidden = each.dataset["because"] !== because;
}
