// What an open page knows of what is offered, and what it makes of each answer. Pure: `app/browser/live.ts` asks and shows.
//
// A page begins with what its build knew. The endpoint's answers may change that in both directions, but an older answer
// never brings back what was taken away. The static manifests are unsigned for a browser, so they only narrow.
import type { Channel, File, Release, Standing } from "../../api";
import { filesToBeHad, offerOf, stopOf } from "./offers";
import { compareVersions } from "./precedence";

/** A place of the page that offers the newest version of a channel for a target; null where it offered none. */
export interface Cell {
  channel: string;
  target: string;
  version: string | null;
}

/** A link of the page to one file of a version: the channels it is to be had from, and those on which it is the newest. */
export interface Link {
  version: string;
  target: string;
  bundle: string;
  channels: readonly string[];
  newest: readonly string[];
}

/** What the endpoint said at one serial, which rises with each deploy. */
export interface Answer {
  serial: number;
  channels: readonly Channel[];
  releases: readonly Release[];
}

export interface Known {
  removed: ReadonlySet<string>; // what the build knew as withdrawn or stopped: it comes back with a newer build only
  answer: Answer | null; // the newest that was believed
  refused: ReadonlyMap<string, number>; // what answers took away, and the serial at which they did
  narrowed: ReadonlyMap<string, string> | null; // the lowest that manifests said, while the endpoint is silent
}

/** What a cell shows: what the page was built with, another version, or nothing, and why. `instead` is an older version
 * that manifests still offer to everybody. */
export type Told =
  | { kind: "as-built" }
  | { kind: "offer"; release: Release; files: File[] }
  | { kind: "nothing"; reason: string | null; halted: boolean; instead: string | null };

const NOTHING = "0.0.0"; // what a manifest says that offers no version
const name = (...parts: string[]) => parts.join("/");

/** Before anything was asked. `removed` are "channel/version". */
export function begin(removed: Iterable<string>): Known {
  return { removed: new Set(removed), answer: null, refused: new Map(), narrowed: null };
}

/** After an answer of the endpoint. One that is older than what is known changes nothing. */
export function learn(known: Known, answer: Answer): Known {
  const newest = known.answer?.serial ?? -1;
  const away = takenAway(answer);
  const isOlder = answer.serial < newest || bringsBack(known, answer, away);
  if (isOlder) return known;
  const stays = [...known.refused].filter(([, serial]) => serial >= answer.serial);
  const refused = new Map([...stays, ...away.map((each) => [each, answer.serial] as const)]);
  return { ...known, answer, refused, narrowed: null };
}

/** After the endpoint was silent and manifests answered: what each "channel/target" offers to everybody by them. */
export function narrow(known: Known, manifests: ReadonlyMap<string, string>): Known {
  const narrowed = new Map(known.narrowed ?? []);
  for (const [cell, version] of manifests) {
    const before = narrowed.get(cell);
    if (before === undefined || compareVersions(version, before) < 0) narrowed.set(cell, version);
  }
  return { ...known, narrowed };
}

/** What to show in a cell. Of a manifest that names a newer version than the page may show, nothing is taken. */
export function tell(known: Known, cell: Cell): Told {
  const said = byEndpoint(known, cell);
  const least = known.narrowed?.get(name(cell.channel, cell.target));
  const version = said.kind === "offer" ? said.release.version : said.kind === "as-built" ? cell.version : null;
  if (least === undefined || version === null || compareVersions(least, version) >= 0) return said;
  return { kind: "nothing", reason: null, halted: false, instead: least === NOTHING ? null : least };
}

/** Whether a link to a file may be shown. */
export function isToBeHad(known: Known, link: Link): boolean {
  return channelsOf(known, link).some((channel) => {
    const least = known.narrowed?.get(name(channel, link.target));
    const isBelow = least !== undefined && compareVersions(least, link.version) < 0;
    return !isRefused(known, channel, link.version) && !(isBelow && link.newest.includes(channel));
  });
}

/** On which channels an answer says that a version is withdrawn or stopped, where the page does not say so yet. */
export function removals(known: Known, version: string): Standing[] {
  const release = known.answer?.releases.find((each) => each.version === version);
  const isNew = ({ channel, state }: Standing) =>
    (state === "withdrawn" || state === "stopped") && !known.removed.has(name(channel, version));
  return release?.channels.filter(isNew) ?? [];
}

function byEndpoint(known: Known, cell: Cell): Told {
  if (known.answer === null) return cell.version ? { kind: "as-built" } : nothing(null);
  const channel = known.answer.channels.find((each) => each.channel === cell.channel);
  const newest = channel?.newest.find((each) => each.target === cell.target);
  const offer = newest ? offerOf(cell.channel, newest, known.answer.releases) : null;
  if (!channel || !offer || isRefused(known, cell.channel, offer.release.version)) return nothing(channel ?? null);
  if (offer.release.version === cell.version) return { kind: "as-built" };
  return { kind: "offer", release: offer.release, files: offer.files };
}

function nothing(channel: Channel | null): Told {
  const stop = channel && stopOf(channel);
  return { kind: "nothing", reason: stop?.reason ?? null, halted: stop?.halted ?? false, instead: null };
}

function isRefused(known: Known, channel: string, version: string): boolean {
  return known.removed.has(name(channel, version)) || known.refused.has(name(channel, version));
}

function takenAway(answer: Answer): string[] {
  return answer.releases.flatMap(({ version, channels }) =>
    channels
      .filter(({ state }) => state === "withdrawn" || state === "stopped")
      .map(({ channel }) => name(channel, version)),
  );
}

// A halt does not raise the serial, and caches are not in step: of two answers with one serial, the one that offers more
// of what was taken away is the older one.
function bringsBack(known: Known, answer: Answer, away: readonly string[]): boolean {
  const still = new Set(away);
  return [...known.refused].some(([each, serial]) => serial === answer.serial && !still.has(each));
}

function channelsOf(known: Known, link: Link): readonly string[] {
  const release = known.answer?.releases.find((each) => each.version === link.version);
  if (known.answer === null) return link.channels;
  const isListed = release && filesToBeHad(release).some((file) => file.target === link.target && file.bundle === link.bundle);
  return isListed ? release.channels.filter(({ state }) => state !== "not-started").map(({ channel }) => channel) : [];
}
