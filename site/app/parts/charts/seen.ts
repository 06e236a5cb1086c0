// What `./inv site measure` saw, as /status/status.json tells it (delivery/site/seen.py), and what the page makes of it.
import { DAY, type Span } from "./axis";

// The number of the span since 1970, looks, good ones, and the times of these in ms.
export type Slot = [index: number, looks: number, good: number, p50: number | null, p95: number | null];

export interface Tier {
  span: number; // seconds
  slots: Slot[]; // oldest first; where nobody looked there is none
}

export interface Component {
  component: string;
  last: { at: string; since: string; good: boolean; milliseconds: number; said: string };
  recent: Tier;
  hours: Tier;
  days: Tier;
}

export interface Seen {
  format: number;
  at: string;
  components: Component[];
}

export const STALE = 30 * 60_000; // ms: a look older than this says nothing of now
export const DAYS = 90;

// "unknown" is neither up nor down: nobody looked.
export type State = "good" | "partly" | "bad" | "unknown";

export interface Day {
  at: number; // ms since 1970, its midnight in UTC
  state: State;
  looks: number;
  good: number;
  p50: number | null;
  p95: number | null;
}

// Whether that is what we read; anything else is as good as none.
export function isSeen(value: unknown): value is Seen {
  const found = value as Partial<Seen> | null;
  return found?.format === 1 && typeof found.at === "string" && Array.isArray(found.components);
}

export const isStale = (at: string, now: number): boolean => now - Date.parse(at) > STALE;

export function stateNow({ last }: Component, now: number): State {
  if (isStale(last.at, now)) return "unknown";
  return last.good ? "good" : "bad";
}

// The last 90 days, today last.
export function days(tier: Tier, now: number): Day[] {
  const today = Math.floor(now / DAY);
  const found = new Map(tier.slots.map((slot) => [slot[0], slot]));
  return Array.from({ length: DAYS }, (_, number) => {
    const index = today - DAYS + 1 + number;
    const [, looks, good, p50, p95] = found.get(index) ?? [index, 0, 0, null, null];
    return { at: index * DAY, state: stateOf(looks, good), looks, good, p50, p95 };
  });
}

// A day with a few bad looks was partly good; one that was mostly bad was bad.
function stateOf(looks: number, good: number): State {
  if (looks === 0) return "unknown";
  if (good === looks) return "good";
  return good * 2 >= looks ? "partly" : "bad";
}

// The share of looks that were not good, or null where nobody looked.
export function errors(slots: Slot[], since = 0): number | null {
  const counted = slots.filter(([index]) => index >= since);
  const looks = counted.reduce((sum, [, each]) => sum + each, 0);
  const good = counted.reduce((sum, [, , each]) => sum + each, 0);
  return looks === 0 ? null : (looks - good) / looks;
}

// 0 % only where there was none.
export function rate(part: number | null): string {
  if (part === null) return "no data";
  if (part === 0) return "0 %";
  if (part === 1) return "100 %";
  return `${Math.min(99.99, Math.max(0.01, Math.round(part * 10_000) / 100))} %`;
}

export interface Sample {
  at: number;
  milliseconds: number;
}

// Pieces of a line: a new one begins after each span in which nobody looked, or nothing good came.
export function pieces(tier: Tier, which: "p50" | "p95", span: Span): Sample[][] {
  const found: Sample[][] = [];
  let last = Number.NaN;
  for (const [index, , , p50, p95] of tier.slots) {
    const at = (index + 0.5) * tier.span * 1000;
    const milliseconds = which === "p50" ? p50 : p95;
    if (milliseconds === null || at < span.from || at > span.until) continue;
    if (index !== last + 1) found.push([]);
    found.at(-1)?.push({ at, milliseconds });
    last = index;
  }
  return found;
}

// A round number of ms above all of them: 1, 2 or 5 with zeros behind.
export function ceiling(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 1)));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= most) ?? 10 * power;
}
