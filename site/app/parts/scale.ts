// Scales of a plot, and numbers as engineers write them: 4.7 µs, 220 mV, 1 kHz.

const PREFIXES = ["f", "p", "n", "µ", "m", "", "k", "M", "G"] as const;

// `digits` significant ones at most; "V/√Hz" and the like take the prefix like any unit; decibels and plain counts take none.
export function engineering(value: number, unit: string, digits = 3): string {
  if (value === 0 || unit === "dB") return `${plain(value, digits)}\u00a0${unit}`;
  const power = Math.floor(Math.log10(Math.abs(Number(value.toPrecision(digits)))) / 3);
  const at = Math.min(Math.max(power + 5, 0), PREFIXES.length - 1);
  return `${plain(value / 1000 ** (at - 5), digits)}\u00a0${PREFIXES[at]}${unit}`;
}

const plain = (value: number, digits: number) => String(Number(value.toPrecision(digits))).replace("-", "\u2212");

export interface Scale {
  from: number;
  to: number;
  ticks: number[]; // evenly spaced on the screen, both ends among them
  minor: number[];
  place: (value: number) => number; // 0 at `from`, 1 at `to`
}

// Whole steps of 1, 2, 2.5 or 5 around all values, some `count` of them.
export function linear(values: readonly number[], count: number): Scale {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const raw = (high - low || 1) / count;
  const ten = 10 ** Math.floor(Math.log10(raw));
  const step = ten * (STEPS.find((each) => each * ten >= raw * 0.999) ?? 10);
  const [first, last] = [Math.floor(low / step + SLACK), Math.ceil(high / step - SLACK)];
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
  return scale(ticks, [], (value) => value);
}

const STEPS = [1, 2, 2.5, 5, 10];
const SLACK = 0.06; // of a step, by which a trace may stand over the last mark

// Whole decades around all values.
export function decades(values: readonly number[]): Scale {
  const [first, last] = [Math.floor(Math.log10(Math.min(...values)) + 1e-6), Math.ceil(Math.log10(Math.max(...values)) - 1e-6)];
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
  const minor = ticks.slice(0, -1).flatMap((tick) => [2, 3, 4, 5, 6, 7, 8, 9].map((times) => times * tick));
  return scale(ticks, minor, Math.log10);
}

function scale(ticks: number[], minor: number[], by: (value: number) => number): Scale {
  const [from, to] = [ticks[0] ?? 0, ticks[ticks.length - 1] ?? 1];
  return { from, to, ticks, minor, place: (value) => (by(value) - by(from)) / (by(to) - by(from)) };
}
