// Keeps the offers of a page true while it is open: asks the endpoint, else the static manifests, and shows what
// `parts/downloads/knowledge.ts` makes of the answers. Texts of others are only ever set as text.
import type { File } from "../api";
import { channelsIn, releasesIn, versionIn } from "../parts/downloads/answers";
import { fileName } from "../parts/downloads/file-name";
import { day, size } from "../parts/downloads/figures";
import { begin, isToBeHad, learn, narrow, removals, tell, type Answer, type Known, type Told } from "../parts/downloads/knowledge";
import { wait } from "../parts/downloads/pace";
import { compareVersions } from "../parts/downloads/precedence";
import { requirement } from "../parts/downloads/requirements";
import { sentence } from "../parts/downloads/sentence";
import { showCall, showPlatform } from "./visitor";

const PATIENCE = 8_000; // milliseconds for one answer
const page = document.querySelector<HTMLElement>("[data-live]");
if (page) {
  void showPlatform(page);
  keepTrue(page);
}

function keepTrue(page: HTMLElement): void {
  let known = begin((page.dataset["removed"] ?? "").split(" ").filter(Boolean));
  let confirmed: Date | null = null;
  let failures = 0;
  let timer: number | undefined;
  let asking = false;

  async function round(): Promise<void> {
    if (asking || document.visibilityState === "hidden") return;
    asking = true;
    clearTimeout(timer);
    const before = known;
    const answer = await askEndpoint(page.dataset["updates"] ?? "");
    const manifests = answer ? null : await askManifests(page);
    known = answer ? learn(known, answer) : manifests?.size ? narrow(known, manifests) : known;
    failures = answer || manifests?.size ? 0 : failures + 1;
    if (answer) confirmed = new Date();
    if (known !== before) show(page, known);
    sayChecked(page, confirmed, answer ? "endpoint" : manifests?.size ? "manifests" : "nobody");
    asking = false;
    timer = window.setTimeout(() => void round(), wait(failures, Math.random()));
  }

  document.addEventListener("visibilitychange", () => void round());
  void round();
}

async function json(url: string): Promise<{ value: unknown; serial: number } | null> {
  try {
    // The browser revalidates what it kept by its ETag.
    const response = await fetch(url, { cache: "no-cache", credentials: "omit", signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok) return null;
    return { value: await response.json(), serial: Number(response.headers.get("ESpice-Serial") ?? NaN) };
  } catch {
    return null;
  }
}

async function askEndpoint(updates: string): Promise<Answer | null> {
  const [one, other] = await Promise.all([json(`${updates}/v1/channels`), json(`${updates}/v1/releases?limit=200`)]);
  const channels = one && channelsIn(one.value);
  const releases = other && releasesIn(other.value);
  if (!channels || !releases) return null;
  const serial = Math.min(one.serial, other.serial); // NaN where one does not say
  return Number.isNaN(serial) ? null : { serial, channels, releases };
}

async function askManifests(page: HTMLElement): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const asked = [...places(page)].map(async (place) => {
    const [channel = "", target = ""] = place.split("/");
    const path = `/v1/update/${channel}/${target.replace("-", "/")}/unknown.json`;
    const said = await json(`${page.dataset["downloads"] ?? ""}${path}`);
    const version = said && versionIn(said.value);
    if (version) found.set(place, version);
  });
  await Promise.all(asked);
  return found;
}

// "stable/windows-x86_64": what the page offers, or links to as the newest of a channel.
function places(page: HTMLElement): Set<string> {
  const cells = all(page, "[data-offer]").map((each) => each.dataset["offer"] ?? "");
  const links = all(page, "[data-file]").flatMap((each) => {
    const target = each.dataset["file"]?.split("/")[1] ?? "";
    return words(each.dataset["newest"]).map((channel) => `${channel}/${target}`);
  });
  return new Set([...cells, ...links]);
}

function show(page: HTMLElement, known: Known): void {
  const changes = all(page, "[data-offer]").flatMap((element) => showOffer(element, known) ?? []);
  for (const element of all(page, "[data-file]")) showLink(element, known);
  for (const element of all(page, "[data-release]")) showRemovals(element, known);
  for (const element of all(page, "[data-call]")) showCall(page, element);
  for (const element of all(page, "[data-newest-of]")) showNewest(page, element);
  const place = page.querySelector("[data-changes]");
  if (place && changes.length > 0) place.textContent = [...new Set(changes)].join(" ");
}

// Starts from what was built, so that no trace of an earlier answer stays; says what changed, if anything did.
function showOffer(element: HTMLElement, known: Known): string | null {
  const [channel = "", target = ""] = (element.dataset["offer"] ?? "").split("/");
  const built = element.dataset["version"] ?? "";
  const told = tell(known, { channel, target, version: built || null });
  const version = told.kind === "nothing" ? "" : told.kind === "offer" ? told.release.version : built;
  const was = element.dataset["shown"] ?? built;
  if (version === was) return null;
  element.dataset["shown"] = version;
  element.replaceChildren(...asBuilt(element));
  if (told.kind === "nothing") showNothing(element, told);
  if (told.kind === "offer") showVersion(element, told);
  if (element.matches("li")) element.hidden = version === "";
  if (version && compareVersions(version, was) > 0) return `Changed on ${channel}: ESpice ${version} is offered.`;
  return `Changed on ${channel}: ESpice ${was} is not offered any more. ${version ? `${version} is.` : why(told)}`;
}

const originals = new WeakMap<HTMLElement, Node>();

function asBuilt(element: HTMLElement): Node[] {
  const original = originals.get(element) ?? element.cloneNode(true);
  originals.set(element, original);
  return [...original.cloneNode(true).childNodes];
}

function why(told: Told): string {
  if (told.kind !== "nothing") return "";
  if (told.reason) return `${told.halted ? "Halted by the emergency brake" : "Stopped"}: ${told.reason}.`;
  if (told.instead) return `The downloads host confirms ${told.instead} for everybody: it is among the versions below.`;
  return "No version can be confirmed for everybody here now.";
}

function showNothing(element: HTMLElement, told: Told): void {
  setText(element, "[data-nothing]", why(told));
  reveal(element, "[data-nothing]", true);
  reveal(element, "[data-offered]", false);
}

function showVersion(element: HTMLElement, { release, files }: Extract<Told, { kind: "offer" }>): void {
  reveal(element, "[data-nothing]", false);
  reveal(element, "[data-offered]", true);
  setText(element, "[data-number]", release.version);
  setText(element, "[data-published]", day(release.published));
  element.querySelector("[data-notes]")?.setAttribute("href", `/releases/${release.version}/`);
  setText(element, "[data-requirement]", requirement(files[0]?.target ?? "", release.minimum_os));
  for (const row of all(element, "[data-bundle]")) {
    const file = files.find(({ bundle }) => bundle === row.dataset["bundle"]);
    row.hidden = file === undefined;
    if (file) showFile(row, file);
  }
}

function showFile(row: HTMLElement, file: File): void {
  const [name, before] = [fileName(file.url), row.querySelector("[data-name]")?.textContent ?? ""];
  row.querySelector("[data-link]")?.setAttribute("href", file.url);
  setText(row, "[data-size]", size(file.size));
  setText(row, "[data-name]", name);
  setText(row, "[data-sha256]", file.sha256);
  for (const code of all(row, "[data-command]")) code.textContent = (code.textContent ?? "").replaceAll(before, name);
  const signature = row.querySelector("[data-signature]");
  if (!signature || !/^[A-Za-z0-9+/=]+$/.test(file.signature ?? "")) return signature?.remove();
  signature.setAttribute("href", `data:application/octet-stream;base64,${file.signature}`);
  signature.setAttribute("download", `${name}.minisig`);
  signature.textContent = `${name}.minisig`;
}

// A link without an address is no link: it stays as a word, and nothing of the page moves.
function showLink(element: HTMLElement, known: Known): void {
  const [version = "", target = "", bundle = ""] = (element.dataset["file"] ?? "").split("/");
  const link = { version, target, bundle, channels: words(element.dataset["channels"]), newest: words(element.dataset["newest"]) };
  const address = (element.dataset["address"] ??= element.getAttribute("href") ?? "");
  if (address && isToBeHad(known, link)) element.setAttribute("href", address);
  else element.removeAttribute("href");
}

// What stands elsewhere on the page about the newest version of a channel: its number is mended, what is more is hidden.
function showNewest(page: HTMLElement, element: HTMLElement): void {
  const offers = all(page, `[data-offer^="${element.dataset["newestOf"]}/"]`);
  const highest = (version: (each: HTMLElement) => string) => offers.map(version).filter(Boolean).sort(compareVersions).at(-1);
  const built = highest((each) => each.dataset["version"] ?? "");
  const now = highest((each) => each.dataset["shown"] ?? each.dataset["version"] ?? "");
  if (element.dataset["newestIs"] === "number") element.textContent = now ?? "nothing now";
  else element.hidden = now !== built;
}

function showRemovals(element: HTMLElement, known: Known): void {
  const said = removals(known, element.dataset["release"] ?? "").map((each) => `${each.channel}: ${sentence(each)}`);
  setText(element, "[data-removals]", said.join(" "));
  reveal(element, "[data-removals]", said.length > 0);
}

function sayChecked(page: HTMLElement, confirmed: Date | null, by: "endpoint" | "manifests" | "nobody"): void {
  const time = confirmed?.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const since = time ? ` since ${time}` : "";
  const said = {
    endpoint: `, and checked at ${time}.`,
    manifests: `. The update endpoint does not answer${since}; the downloads host says what is still offered.`,
    nobody: `. Nothing newer is known${since}: neither the update endpoint nor the downloads host answers.`,
  };
  setText(page, "[data-checked]", said[by]);
}

const words = (text: string | undefined): string[] => (text ?? "").split(" ").filter(Boolean);
const all = (within: HTMLElement, selector: string) => [...within.querySelectorAll<HTMLElement>(selector)];

function setText(within: HTMLElement, selector: string, text: string): void {
  const found = within.querySelector(selector);
  if (found && found.textContent !== text) found.textContent = text;
}

function reveal(within: HTMLElement, selector: string, shown: boolean): void {
  const found = within.querySelector<HTMLElement>(selector);
  if (found) found.hidden = !shown;
}
