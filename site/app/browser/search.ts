// Looks things up in the index that the build made (pagefind), in the browser: no word that is typed leaves it.
// The address keeps what was asked (?q=), so that a search can be linked to and taken back.
interface Found {
  url: string;
  excerpt: string; // HTML of pagefind's: the page's own text, escaped, with <mark>
  meta: { title?: string };
  filters: { kind?: string[] };
}

interface Pagefind {
  init(): Promise<void>;
  debouncedSearch(asked: string): Promise<{ results: { data(): Promise<Found> }[] } | null>;
}

const MOST = 20;
const INDEX = "/pagefind/pagefind.js";

const form = document.querySelector<HTMLFormElement>("form[role=search]");
const input = form?.querySelector<HTMLInputElement>("input[type=search]");
const list = document.querySelector<HTMLOListElement>("[data-results]");
const said = document.querySelector<HTMLElement>("[role=status]");

let index: Promise<Pagefind> | undefined;
const load = () => (index ??= (import(/* @vite-ignore */ INDEX) as Promise<Pagefind>).then(async (made) => (await made.init(), made)));

async function search(asked: string): Promise<void> {
  if (!list || !said) return;
  history.replaceState(null, "", asked ? `?q=${encodeURIComponent(asked)}` : location.pathname);
  if (!asked) {
    list.replaceChildren();
    said.textContent = "";
    return;
  }
  try {
    const found = await (await load()).debouncedSearch(asked);
    if (!found) return; // more was typed meanwhile
    const pages = await Promise.all(found.results.slice(0, MOST).map((each) => each.data()));
    list.replaceChildren(...pages.map(entry));
    said.textContent = summary(asked, found.results.length);
  } catch {
    index = undefined;
    list.replaceChildren();
    said.textContent = "The index could not be loaded. Try again, or use the list of pages below.";
  }
}

function summary(asked: string, count: number): string {
  if (count === 0) return `Nothing was found for “${asked}”.`;
  const shown = count > MOST ? `, of which the first ${MOST} are shown` : "";
  return `${count} ${count === 1 ? "page" : "pages"} for “${asked}”${shown}.`;
}

function entry(page: Found): HTMLLIElement {
  const item = document.createElement("li");
  const link = Object.assign(document.createElement("a"), { href: page.url, textContent: page.meta.title ?? page.url });
  const kind = Object.assign(document.createElement("span"), { textContent: page.filters.kind?.[0] ?? "" });
  const text = document.createElement("p");
  kind.className = "ms-3 font-mono text-xs text-quiet";
  link.className = "font-semibold";
  text.className = "mt-1 text-[0.9375rem] text-quiet";
  text.append(...marked(page.excerpt));
  item.append(link, kind, text);
  return item;
}

// Only the words found are marked; everything else is set as text.
function* marked(html: string): Generator<Node> {
  for (const node of new DOMParser().parseFromString(html, "text/html").body.childNodes) {
    const text = node.textContent ?? "";
    if (node.nodeName === "MARK") yield Object.assign(document.createElement("mark"), { textContent: text });
    else yield document.createTextNode(text);
  }
}

// Arrow keys go from the field to the results and between them; "/" leads back to the field.
function move(event: KeyboardEvent): void {
  if (!input || !list) return;
  if (event.key === "/" && document.activeElement !== input) {
    event.preventDefault();
    input.focus();
    return;
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const places: HTMLElement[] = [input, ...list.querySelectorAll("a")];
  const at = places.indexOf(document.activeElement as HTMLElement);
  const next = places[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
}

if (form && input) {
  form.hidden = false;
  form.addEventListener("submit", (event) => (event.preventDefault(), void search(input.value.trim())));
  input.addEventListener("focus", () => void load().catch(() => (index = undefined)), { once: true });
  input.addEventListener("input", () => void search(input.value.trim()));
  document.addEventListener("keydown", move);
  input.value = new URLSearchParams(location.search).get("q") ?? "";
  input.focus();
  if (input.value) void search(input.value.trim());
}
export {};
