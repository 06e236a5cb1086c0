import { describe, expect, it } from "vitest";

import { along, day, duration, moment, percent, ticks } from "./axis";

const at = (text: string) => Date.parse(text);
const span = { from: at("2026-11-20T00:00:00Z"), until: at("2026-11-30T00:00:00Z") };

describe("a moment on a chart", () => {
  it("lies where its share of the time is, and never outside", () => {
    expect(along(span, at("2026-11-25T00:00:00Z"))).toBe(0.5);
    expect(along(span, at("2026-01-01T00:00:00Z"))).toBe(0);
    expect(along(span, at("2027-01-01T00:00:00Z"))).toBe(1);
    expect(along({ from: 5, until: 5 }, 5)).toBe(0);
  });

  it("is written as SVG reads it", () => {
    expect(percent(1 / 3)).toBe("33.33%");
  });
});

describe("ticks", () => {
  it.each([1, 60, 3600, 86_400, 40 * 86_400, 900 * 86_400, 40_000 * 86_400])("of %i s are few and even", (seconds) => {
    const within = { from: span.from + 1234, until: span.from + 1234 + seconds * 1000 };
    const found = ticks(within, 6);
    expect(found.length).toBeLessThanOrEqual(7);
    expect(found.every(({ at: each }) => each >= within.from && each <= within.until)).toBe(true);
    expect(new Set(found.slice(1).map(({ at: each }, number) => each - found[number]!.at)).size).toBeLessThan(2);
  });

  it("name days by their date and hours by the clock", () => {
    expect(ticks(span, 5).map(({ label }) => label)).toEqual(["21 Nov", "23 Nov", "25 Nov", "27 Nov", "29 Nov"]);
    const hours = { from: at("2026-11-25T17:00:00Z"), until: at("2026-11-26T07:00:00Z") };
    expect(ticks(hours, 5).map(({ label }) => label)).toEqual(["18:00", "21:00", "26 Nov", "03:00", "06:00"]);
  });
});

describe("words for time", () => {
  it("say the day, the moment and the time between", () => {
    expect(day(at("2026-03-01T23:59:00Z"))).toBe("1 Mar");
    expect(moment(at("2026-11-25T14:05:09Z"))).toBe("25 Nov 2026, 14:05 UTC");
    expect([20_000, 300_000, 3_600_000, 12_000_000, 90_000_000].map(duration)).toEqual([
      "less than a minute", "5 min", "1 h", "3 h 20 min", "1 d 1 h",
    ]);
  });
});
