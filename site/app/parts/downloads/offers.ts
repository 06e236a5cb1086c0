// What the download pages offer, by what the public API said: at build time and in the browser alike.
import type { Channel, File, Newest, Release, Standing } from "../../api";
import { compareVersions } from "./precedence";

const OFFERED: readonly Standing["state"][] = ["everyone", "partial", "held", "superseded"];

/** Newest for everybody on a channel and a target, with every file that people may have of it. */
export interface Offer {
  channel: string;
  target: string;
  release: Release;
  files: File[];
}

/** The files of a release that some channel still offers: a withdrawn or stopped version has none, whatever is listed. */
export function filesToBeHad(release: Release): File[] {
  const standings = release.channels.filter(({ state }) => OFFERED.includes(state));
  const targets = new Set(standings.flatMap((each) => each.targets));
  return release.files.filter(({ target }) => targets.has(target));
}

/** What a new visitor gets, or nothing where no version is everybody's or its files are not to be had. */
export function offerOf(channel: string, newest: Newest, releases: readonly Release[]): Offer | null {
  const release = releases.find(({ version }) => version === newest.version);
  const files = release ? filesToBeHad(release).filter(({ target }) => target === newest.target) : [];
  return release && newest.file && files.length > 0 ? { channel, target: newest.target, release, files } : null;
}

/** The newest version that some target of a channel offers to everybody, and since when. */
export function everybodyHas(channel: Channel, releases: readonly Release[]): { release: Release; since: string | null } | null {
  const offers = channel.newest.flatMap((each) => offerOf(channel.channel, each, releases) ?? []);
  const [first] = offers.map(({ release }) => release).sort((a, b) => compareVersions(b.version, a.version));
  if (!first) return null;
  return { release: first, since: first.channels.find((each) => each.channel === channel.channel)?.since ?? null };
}

/** Why a target of a channel offers nothing, as far as a stop or a halt says so. */
export function stopOf(channel: Channel): Channel["stops"][number] | null {
  return channel.stops.find(({ versions }) => versions === null) ?? channel.stops[0] ?? null;
}
