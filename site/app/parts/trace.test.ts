import { describe, expect, it } from "vitest";

import { decades, engineering, linear } from "./scale";
import { line, read } from "./trace";

describe("numbers as engineers write them", () => {
  it.each([
    [4.7e-6, "s", "4.7\u00a0µs"],
    [0.9999, "V", "1\u00a0V"],
    [0.99996, "V", "1\u00a0V"],
    [-0.12345, "V", "\u2212123\u00a0mV"],
    [1000, "Hz", "1\u00a0kHz"],
    [0, "A", "0\u00a0A"],
    [-40, "dB", "\u221240\u00a0dB"],
    [4.2e-8, "V/√Hz", "42\u00a0nV/√Hz"],
  ])("%d %s is %s", (value, unit, said) => expect(engineering(value, unit)).toBe(said));
});

describe("scales", () => {
  it("go in whole steps around all values", () => {
    expect(linear([0, 3.3], 6).ticks).toEqual([0, 1, 2, 3, 4]);
    expect(linear([-12, 12], 6).ticks).toEqual([-15, -10, -5, 0, 5, 10, 15]);
  });

  it("let a trace stand over their last mark by a hair", () => {
    expect(linear([-1e-5, 0.01], 6).from).toBe(0);
  });

  it("go in whole decades, with each decade as wide as the next", () => {
    const scale = decades([1e3, 1e5]);
    expect(scale.ticks).toEqual([1e3, 1e4, 1e5]);
    expect(scale.place(1e4)).toBeCloseTo(0.5);
    expect(scale.minor).toHaveLength(16);
  });
});

describe("traces", () => {
  const unit = linear([0, 1], 1);

  it("are drawn from the first point in steps", () => {
    expect(line([[0, 0], [0.5, 1], [1, 0.5]], unit, unit)).toBe("M0 600l500-600 500 300");
  });

  it("are read between two points on the line that joins them, and at the ends as they end", () => {
    expect(read([[0, 0], [1, 4]], 0.25)).toBe(1);
    expect(read([[0, 2], [1, 4]], -1)).toBe(2);
    expect(read([[0, 2], [1, 4]], 9)).toBe(4);
  });
});
