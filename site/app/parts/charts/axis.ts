// Time along a chart: where a moment lies, and which moments are worth a label. Times are ms since 1970, labels in UTC.
export interface Span {
  from: number;
  until: number;
}

export interface Tick {
  at: number;
  label: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const STEPS = [
  MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE,
  HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
  DAY, 2 * DAY, 4 * DAY, 7 * DAY, 14 * DAY, 28 * DAY, 56 * DAY, 91 * DAY, 182 * DAY, 364 * DAY,
];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// From 0 at the span's beginning to 1 at its end; what lies outside is at its edge.
export function along(span: Span, at: number): number {
  const share = (at - span.from) / Math.max(1, span.until - span.from);
  return Math.min(1, Math.max(0, share));
}

// As SVG writes it: an x that fits every width.
export const percent = (share: number): string => `${Math.round(share * 10_000) / 100}%`;

// Round moments within the span, evenly apart, at most as many as asked for.
export function ticks(span: Span, most: number): Tick[] {
  const length = span.until - span.from;
  const step = STEPS.find((each) => length / each <= most) ?? Math.ceil(length / most / DAY) * DAY;
  const first = Math.ceil(span.from / step) * step;
  const found: Tick[] = [];
  for (let at = first; at <= span.until; at += step) found.push({ at, label: label(at, step) });
  return found;
}

function label(at: number, step: number): string {
  const isMidnight = at % DAY === 0;
  if (step < DAY && !isMidnight) return new Date(at).toISOString().slice(11, 16);
  return step > 56 * DAY ? `${day(at)} ${new Date(at).getUTCFullYear()}` : day(at);
}

// 25 Nov
export function day(at: number): string {
  const date = new Date(at);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}

// 25 Nov 2026, 14:00 UTC
export function moment(at: number): string {
  return `${day(at)} ${new Date(at).getUTCFullYear()}, ${new Date(at).toISOString().slice(11, 16)} UTC`;
}

// 3 h 20 min: how long something took, to what matters of it
export function duration(milliseconds: number): string {
  const minutes = Math.max(0, Math.round(milliseconds / MINUTE));
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  if (days) return hours ? `${days} d ${hours} h` : `${days} d`;
  if (hours) return rest ? `${hours} h ${rest} min` : `${hours} h`;
  return minutes ? `${minutes} min` : "less than a minute";
}
