import { describe, expect, it } from "vitest";

import { DAY } from "./axis";
import { ceiling, type Component, days, errors, isSeen, pieces, rate, stateNow, type Tier } from "./seen";

const NOON = Date.parse("2026-11-25T12:00:00Z");
const TODAY = Math.floor(NOON / DAY);
const tier = (...slots: Tier["slots"]): Tier => ({ span: 86_400, slots });

describe("the last 90 days", () => {
  it("end today, and a day without a look is neither up nor down", () => {
    const found = days(tier([TODAY - 2, 144, 144, 20, 40], [TODAY, 10, 9, 20, 40]), NOON);
    expect(found).toHaveLength(90);
    expect(found.slice(-3).map(({ state }) => state)).toEqual(["good", "unknown", "partly"]);
    expect(found.at(-1)?.at).toBe(Date.parse("2026-11-25T00:00:00Z"));
    expect(found[0]?.state).toBe("unknown");
  });

  it("are bad where most looks were", () => {
    expect(days(tier([TODAY, 10, 4, 20, 40]), NOON).at(-1)?.state).toBe("bad");
  });
});

describe("the state now", () => {
  const component = (at: string, good: boolean): Component => ({
    component: "updates",
    last: { at, since: at, good, milliseconds: 20, said: "" },
    recent: tier(), hours: tier(), days: tier(),
  });

  it("is what the last look said, as long as that is young", () => {
    expect(stateNow(component("2026-11-25T11:50:00Z", true), NOON)).toBe("good");
    expect(stateNow(component("2026-11-25T11:50:00Z", false), NOON)).toBe("bad");
    expect(stateNow(component("2026-11-25T11:29:00Z", true), NOON)).toBe("unknown");
  });
});

describe("the error rate", () => {
  it("is the share of looks that were not good", () => {
    expect(errors([[1, 10, 9, 1, 1], [2, 10, 10, 1, 1]])).toBe(0.05);
    expect(errors([[1, 10, 0, null, null], [2, 10, 10, 1, 1]], 2)).toBe(0);
    expect(errors([])).toBeNull();
  });

  it("is nothing only where there was none, and everything only where all was", () => {
    expect([null, 0, 0.00001, 0.0123, 0.99999, 1].map(rate)).toEqual(["no data", "0 %", "0.01 %", "1.23 %", "99.99 %", "100 %"]);
  });
});

describe("a trace", () => {
  const span = { from: NOON - 10 * DAY, until: NOON };

  it("breaks where nobody looked, and where nothing good came", () => {
    const seen = tier(
      [TODAY - 7, 1, 1, 10, 11], [TODAY - 6, 1, 1, 12, 13], [TODAY - 4, 1, 1, 14, 15], [TODAY - 3, 1, 0, null, null], [TODAY - 2, 1, 1, 16, 17],
    );
    expect(pieces(seen, "p50", span).map((piece) => piece.map(({ milliseconds }) => milliseconds))).toEqual([[10, 12], [14], [16]]);
    expect(pieces(seen, "p95", span)[0]?.[0]?.milliseconds).toBe(11);
  });

  it("leaves out what is not in the picture", () => {
    expect(pieces(tier([TODAY - 50, 1, 1, 10, 11]), "p50", span)).toEqual([]);
  });

  it("stands below a round number", () => {
    expect([0, 7, 10, 11, 240, 501].map(ceiling)).toEqual([1, 10, 10, 20, 500, 1000]);
  });
});

describe("what is read", () => {
  it("is believed only in the format that we know", () => {
    expect(isSeen({ format: 1, at: "2026-11-25T12:00:00Z", components: [] })).toBe(true);
    expect([null, {}, { format: 2, at: "", components: [] }, "no", { format: 1 }].some(isSeen)).toBe(false);
  });
});
