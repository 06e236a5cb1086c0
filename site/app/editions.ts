// Which text of the documentation holds for which minor version. content/docs/1.4/install.mdx holds from 1.4 on, until
// a later folder has a page of the same name. An edition is all that holds for one minor version.
import type { Channel, Release } from "./api";
import type { Front } from "./data";

export interface Doc {
  page: string; // install
  edition: string; // 1.4: whom this address is for
  since: string; // the folder of its text
  until: string | null; // the first edition with another text, or without this page
  front: Front;
}

export interface Editions {
  all: string[]; // minor versions that were released, the newest first
  current: string; // what everybody on stable may have
}

/** "1.4" of "1.4.0-beta.1". */
export const minor = (version: string) => version.split(".", 2).join(".");

const byVersion = (one: string, other: string) => one.localeCompare(other, "en", { numeric: true });

const folder = (front: Front) => front.path.split("/")[1] ?? "";
const pageOf = (front: Front) => front.path.split("/").slice(2).join("/").replace(/\.mdx$/, "");

export function editions(releases: Release[], channels: Channel[], fronts: Front[]): Editions {
  const folders = [...new Set(fronts.map(folder))].sort(byVersion);
  const first = folders[0] ?? "0.0";
  const released = new Set(releases.map(({ version }) => minor(version)));
  const all = [...released].filter((each) => byVersion(each, first) >= 0).sort(byVersion).reverse();
  const stable = channels.find(({ channel }) => channel === "stable")?.newest ?? [];
  const offered = stable.flatMap(({ version }) => (version ? [minor(version)] : [])).sort(byVersion);
  const current = offered.at(-1);
  // Before anything is everybody's, the oldest text is the most cautious one.
  return current && all.includes(current) ? { all, current } : { all, current: all.at(-1) ?? first };
}

/** All pages of one edition, in the order of their front matter. */
export function docsOf(edition: string, fronts: Front[]): Doc[] {
  const held = new Map<string, Front>();
  for (const front of [...fronts].sort((one, other) => byVersion(folder(one), folder(other)))) {
    if (byVersion(folder(front), edition) <= 0) held.set(pageOf(front), front);
  }
  return [...held.entries()]
    .map(([page, front]) => ({ page, edition, since: folder(front), until: until(front, fronts), front }))
    .sort((one, other) => (one.front.order ?? 0) - (other.front.order ?? 0));
}

function until(front: Front, fronts: Front[]): string | null {
  const later = fronts.filter((each) => pageOf(each) === pageOf(front) && byVersion(folder(each), folder(front)) > 0);
  return later.map(folder).sort(byVersion)[0] ?? null;
}

/** /docs/install/ of the current edition, /docs/1.2/install/ of another. */
export const docAddress = (page: string, edition: string, current: string) =>
  edition === current ? `/docs/${page}/` : `/docs/${edition}/${page}/`;

/** What a search engine should show in place of a page: the current edition's, else the first that has it. */
export function canonical(doc: Doc, current: Doc[], { current: edition }: Editions): string {
  const same = current.some(({ page }) => page === doc.page);
  return docAddress(doc.page, same ? edition : doc.since, edition);
}

export interface Section {
  title: string;
  docs: Doc[];
}

/** Pages by section, sections in the order of their first page. */
export function sections(docs: Doc[]): Section[] {
  const found = new Map<string, Doc[]>();
  for (const doc of docs) {
    const title = doc.front.section ?? "More";
    found.set(title, [...(found.get(title) ?? []), doc]);
  }
  return [...found.entries()].map(([title, within]) => ({ title, docs: within }));
}
