// Who was offered which version, and when, as lines to draw: one a version, for each channel.
import type { Channel, Passage, Release } from "../../api";
import { DAY, type Span } from "./axis";

export interface Point {
  at: number; // ms since 1970
  share: number; // of the installations, 0 to 1
}

// What took a version away, or gave it back.
export interface Mark extends Point {
  kind: "held" | "resumed" | "stopped" | "withdrawn";
}

export interface Planned extends Point {
  gate: boolean; // then at the earliest, after a check
}

export interface Lane {
  version: string;
  targets: "all" | string[];
  points: Point[]; // in order of time; between two of them the share changes evenly
  marks: Mark[];
  now: number; // the share
  planned: Planned | null;
}

export interface Timeline {
  channel: string;
  span: Span;
  now: number;
  lanes: Lane[]; // the newest version first
}

const REACH = 180 * DAY; // what is older stands in the table
const LEAST = DAY; // that is shown, however young the history is
const MARKED = ["held", "resumed", "stopped", "withdrawn"] as const;

export function timelines(history: Passage[], channels: Channel[], now: number): Timeline[] {
  return channels.map((each) => timeline(each, history.filter(({ channel }) => channel === each.channel), now));
}

function timeline(channel: Channel, history: Passage[], now: number): Timeline {
  const versions = [...new Set(history.map(({ version }) => version))];
  const from = Math.max(now - REACH, Math.min(now - LEAST, ...history.map(({ serving }) => Date.parse(serving.start))));
  const all = versions.map((version) => {
    const mine = history.filter((each) => each.version === version);
    return narrowed(lane(mine, planned(channel, version, now), now), channel, now);
  });
  const last = Math.max(now, ...all.map((each) => each.planned?.at ?? now));
  const shown = all.filter((each) => each.now > 0 || (each.points.at(-1)?.at ?? 0) > from || ended(each) > from);
  return {
    channel: channel.channel,
    span: { from, until: last + (last - from) * 0.04 },
    now,
    lanes: shown.sort((one, other) => began(other) - began(one) || newest(one.version, other.version)),
  };
}

const began = ({ points }: Lane) => points[0]?.at ?? 0;
const ended = ({ marks }: Lane) => marks.at(-1)?.at ?? 0;

function lane(history: Passage[], next: Planned | null, now: number): Lane {
  const passages = [...history].sort((one, other) => start(one) - start(other));
  const points: Point[] = [];
  const marks: Mark[] = [];
  for (const passage of passages) {
    const [first, ...rest] = passed(passage, now);
    if (!first || first.at > now) continue;
    const before = points.at(-1);
    if (before) points.push({ at: first.at, share: before.share });
    else points.push({ at: first.at, share: 0 });
    points.push(first, ...rest);
    const kind = MARKED.find((each) => each === passage.reason);
    if (kind) marks.push({ ...first, kind });
  }
  const [one] = passages;
  return {
    version: one?.version ?? "",
    targets: one?.targets ?? "all",
    points,
    marks,
    now: points.at(-1)?.share ?? 0,
    planned: next,
  };
}

// The points of one passage: a step stays what it is, a ramp rises to where its end, or now, cuts it off.
function passed(passage: Passage, now: number): Point[] {
  const [from, until] = [start(passage), Math.min(now, passage.serving.end ? Date.parse(passage.serving.end) : now)];
  const { ramp, fraction } = passage;
  if (!ramp) return [{ at: from, share: fraction }, { at: until, share: fraction }];
  const top = Date.parse(ramp.until);
  const at = (when: number) => ramp.from + (fraction - ramp.from) * Math.min(1, (when - from) / Math.max(1, top - from));
  const bends = top > from && top < until ? [{ at: top, share: fraction }] : [];
  return [{ at: from, share: ramp.from }, ...bends, { at: until, share: at(until) }];
}

const start = ({ serving }: Passage) => Date.parse(serving.start);

function planned(channel: Channel, version: string, now: number): Planned | null {
  const next = channel.rollouts.find((each) => each.version === version)?.standing.next;
  if (!next) return null;
  return { at: Math.max(now, Date.parse(next.at)), share: next.percent / 100, gate: next.gate !== null };
}

// What a stop takes away that history does not tell yet: a halt acts before it is merged.
function narrowed(found: Lane, channel: Channel, now: number): Lane {
  const stop = channel.stops.find(({ versions }) => versions === null || versions.includes(found.version));
  if (!stop || found.now === 0) return found;
  const at = Math.min(now, Date.parse(stop.since));
  const kept = found.points.filter((each) => each.at <= at);
  const before = shareAt(found.points, at);
  const cut = [{ at, share: before }, { at, share: 0 }, { at: now, share: 0 }];
  return {
    ...found,
    points: [...kept, ...cut],
    marks: [...found.marks, { at, share: before, kind: "stopped" }],
    now: 0,
    planned: null,
  };
}

// Of what share a line tells at a moment.
export function shareAt(points: Point[], at: number): number {
  const after = points.findIndex((each) => each.at > at);
  const next = points[after];
  const before = after < 0 ? points.at(-1) : points[after - 1];
  if (!before) return 0;
  if (!next) return before.share;
  return before.share + ((next.share - before.share) * (at - before.at)) / Math.max(1, next.at - before.at);
}

// Higher versions first; what stands behind a hyphen is below the version itself.
export function newest(one: string, other: string): number {
  const [a, b] = [one, other].map((each) => {
    const [core = "", ...pre] = (each.split("+")[0] ?? "").split("-");
    return { core: core.split(".").map(Number), pre: pre.join("-") };
  });
  if (!a || !b) return 0;
  for (let place = 0; place < 3; place += 1) {
    const difference = (b.core[place] ?? 0) - (a.core[place] ?? 0);
    if (difference) return difference;
  }
  if (!a.pre || !b.pre) return Number(Boolean(a.pre)) - Number(Boolean(b.pre));
  return b.pre.localeCompare(a.pre, "en", { numeric: true });
}

// What a share of the installations is called: never 100 % or 0 % unless it is.
export function share(part: number): string {
  if (part <= 0) return "0 %";
  if (part >= 1) return "100 %";
  const rounded = Math.round(part * 1000) / 10;
  return `${Math.min(99.9, Math.max(0.1, rounded))} %`;
}

export interface Happening {
  key: string;
  at: number;
  until: number | null;
  channel: string;
  version: string;
  what: string;
}

// The history in words, newest first.
export function told(history: Passage[]): Happening[] {
  return history
    .map((each, number) => ({
      key: `${each.channel} ${each.version} ${each.serving.start} ${number}`,
      at: start(each),
      until: each.serving.end ? Date.parse(each.serving.end) : null,
      channel: each.channel,
      version: each.version,
      what: words(each),
    }))
    .sort((one, other) => other.at - one.at || newest(one.version, other.version));
}

function words({ reason, fraction, ramp, held, targets }: Passage): string {
  const where = targets === "all" ? "" : ` on ${targets.join(", ")}`;
  const most = fraction >= 1 ? "everybody" : `${share(fraction)} of installations`;
  if (reason === "withdrawn") return `Withdrawn${where}: offered to nobody`;
  if (reason === "stopped") return `Stopped${where}: offered to nobody`;
  if (reason === "superseded") return `Replaced by a newer version${where}`;
  if (held) return fraction > 0 ? `Held at ${share(fraction)}${where}` : `Held${where}: offered to nobody further`;
  if (reason === "resumed") return `Resumed for ${most}${where}`;
  if (ramp) return `Rising from ${share(ramp.from)} to ${most}${where}`;
  if (reason === "instead") return `Offered to ${most}${where}, in place of a withdrawn version`;
  return `Offered to ${most}${where}`;
}

// The withdrawal or stop that people should know of: for the status page.
export interface Removal {
  version: string | null; // null: everything on the channel
  channel: string;
  at: number;
  until: number | null;
  kind: "stopped" | "withdrawn" | "halted";
  reason: string | null;
}

export function removals(history: Passage[], channels: Channel[], releases: Release[]): Removal[] {
  const withdrawn = releases.flatMap(({ version, withdrawals }) =>
    withdrawals.flatMap(({ channels: where, at, reason }) =>
      where.map((channel) => removal(version, channel, Date.parse(at), null, "withdrawn", reason)),
    ),
  );
  const stopped = channels.flatMap(({ channel, stops }) =>
    stops.flatMap(({ versions, since, reason, halted }) =>
      (versions ?? [null]).map((each) =>
        removal(each, channel, Date.parse(since), null, halted ? "halted" : "stopped", reason),
      ),
    ),
  );
  const over = history
    .filter(({ reason, serving }) => reason === "stopped" && serving.end !== null)
    .map((each) =>
      removal(each.version, each.channel, start(each), Date.parse(each.serving.end ?? ""), "stopped", null),
    );
  return [...withdrawn, ...stopped, ...over].sort((one, other) => other.at - one.at);
}

const removal = (
  version: string | null,
  channel: string,
  at: number,
  until: number | null,
  kind: Removal["kind"],
  reason: string | null,
): Removal => ({ version, channel, at, until, kind, reason });
