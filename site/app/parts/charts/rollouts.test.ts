import { describe, expect, it } from "vitest";

import type { Channel, Passage } from "../../api";
import { DAY } from "./axis";
import { newest, removals, share, shareAt, timelines, told } from "./rollouts";

const NOON = Date.parse("2026-11-25T12:00:00Z");
const HOUR = 3_600_000;
const hour = (number: number) => new Date(NOON + number * HOUR).toISOString();

function passage(version: string, from: number, until: number | null, more: Partial<Passage> = {}): Passage {
  return {
    channel: "stable",
    version,
    targets: "all",
    fraction: 1,
    ramp: null,
    serving: { start: hour(from), end: until === null ? null : hour(until) },
    reason: "step",
    held: false,
    commit: null,
    ...more,
  };
}

function channel(more: Partial<Channel> = {}): Channel {
  return { channel: "stable", newest: [], rollouts: [], stops: [], ...more };
}

const only = (history: Passage[], channels = [channel()], now = NOON) => timelines(history, channels, now)[0]!;

describe("a lane", () => {
  it("goes up in steps, each until the next", () => {
    const { lanes } = only([passage("1.4.0", -10, null), passage("1.4.0", -30, -10, { fraction: 0.1 })]);
    expect(lanes[0]?.points.map(({ at, share }) => [(at - NOON) / HOUR, share])).toEqual([
      [-30, 0], [-30, 0.1], [-10, 0.1], [-10, 0.1], [-10, 1], [0, 1],
    ]);
    expect(lanes[0]?.now).toBe(1);
  });

  it("rises along a ramp, to where now cuts it off", () => {
    const { lanes } = only([passage("1.4.0", -10, null, { ramp: { from: 0, until: hour(10) } })]);
    expect(lanes[0]?.now).toBeCloseTo(0.5);
  });

  it("stays at the top once a ramp is over", () => {
    const { lanes } = only([passage("1.4.0", -30, null, { ramp: { from: 0.1, until: hour(-20) } })]);
    expect(shareAt(lanes[0]!.points, NOON - 25 * HOUR)).toBeCloseTo(0.55);
    expect(shareAt(lanes[0]!.points, NOON - 5 * HOUR)).toBe(1);
  });

  it("has a mark where it was held, resumed, stopped or withdrawn", () => {
    const { lanes } = only([
      passage("1.4.0", -40, -30, { fraction: 0.1 }),
      passage("1.4.0", -30, -20, { fraction: 0.1, held: true, reason: "held" }),
      passage("1.4.0", -20, -10, { fraction: 0.1, reason: "resumed" }),
      passage("1.4.0", -10, null, { fraction: 0, reason: "withdrawn" }),
    ]);
    expect(lanes[0]?.marks.map(({ kind, share }) => [kind, share])).toEqual([
      ["held", 0.1], ["resumed", 0.1], ["withdrawn", 0],
    ]);
    expect(lanes[0]?.now).toBe(0);
  });

  it("tells nothing of what is to come but the step that is planned", () => {
    const standing = {
      channel: "stable", state: "partial", percent: 10, targets: [], since: null, reason: null, halted: false,
      next: { percent: 25, at: hour(48), gate: "default" },
    } as const;
    const { lanes, span } = only(
      [passage("1.4.0", -30, null, { fraction: 0.1 })],
      [channel({ rollouts: [{ version: "1.4.0", standing: { ...standing, targets: [] } }] })],
    );
    expect(lanes[0]?.points.every(({ at }) => at <= NOON)).toBe(true);
    expect(lanes[0]?.planned).toEqual({ at: NOON + 48 * HOUR, share: 0.25, gate: true });
    expect(span.until).toBeGreaterThan(NOON + 48 * HOUR);
  });

  it("ends at a halt that history does not tell yet", () => {
    const stop = { versions: ["1.4.0"], since: hour(-1), reason: "it loses work", halted: true };
    const { lanes } = only([passage("1.4.0", -30, null), passage("1.3.0", -60, null)], [channel({ stops: [stop] })]);
    expect(lanes.map(({ version, now }) => [version, now])).toEqual([["1.4.0", 0], ["1.3.0", 1]]);
    expect(lanes[0]?.marks).toEqual([{ at: NOON - HOUR, share: 1, kind: "stopped" }]);
    expect(shareAt(lanes[0]!.points, NOON - 2 * HOUR)).toBe(1);
    expect(shareAt(lanes[0]!.points, NOON)).toBe(0);
  });
});

describe("a timeline", () => {
  it("has a lane for each version of its channel, the newest first", () => {
    const history = [passage("1.3.0", -90, null), passage("1.4.0", -50, null), passage("1.5.0", -5, null, { channel: "beta" })];
    expect(only(history).lanes.map(({ version }) => version)).toEqual(["1.4.0", "1.3.0"]);
  });

  it("shows a day at least and half a year at most", () => {
    const young = only([passage("1.4.0", -1, null)]);
    expect(young.now - young.span.from).toBe(DAY);
    const old = only([passage("1.0.0", -24 * 900, null)]);
    expect(old.now - old.span.from).toBe(180 * DAY);
  });

  it("is there for a channel without history", () => {
    expect(only([]).lanes).toEqual([]);
  });
});

describe("versions", () => {
  it("are ordered as SemVer has it", () => {
    const versions = ["1.4.0", "1.10.0", "1.4.0-beta.2", "1.4.0-beta.10", "0.9.9"];
    expect(versions.sort(newest)).toEqual(["1.10.0", "1.4.0", "1.4.0-beta.10", "1.4.0-beta.2", "0.9.9"]);
  });
});

describe("words", () => {
  it("never say all or none where that is not so", () => {
    expect([0, 0.0004, 0.1, 0.125, 0.9999, 1].map(share)).toEqual(["0 %", "0.1 %", "10 %", "12.5 %", "99.9 %", "100 %"]);
  });

  it("tell the history, newest first", () => {
    const history = [
      passage("1.3.0", -90, -20),
      passage("1.4.0", -20, null, { targets: ["linux-x86_64"], fraction: 0.1 }),
      passage("1.3.0", -20, null, { fraction: 0, reason: "withdrawn" }),
    ];
    expect(told(history).map(({ version, what }) => `${version}: ${what}`)).toEqual([
      "1.4.0: Offered to 10 % of installations on linux-x86_64",
      "1.3.0: Withdrawn: offered to nobody",
      "1.3.0: Offered to everybody",
    ]);
  });
});

describe("removals", () => {
  it("are withdrawals, stops in force, halts, and stops that are over", () => {
    const release = {
      version: "1.2.0", published: hour(-99), notes: "", minimum_os: {}, downloads: "hide", files: [], channels: [],
      withdrawals: [{ channels: ["stable", "beta"], at: hour(-9), reason: "it loses work", instead: null }],
    } as const;
    const stops = [{ versions: null, since: hour(-1), reason: "we look into it", halted: true }];
    const history = [passage("1.1.0", -50, -40, { reason: "stopped", fraction: 0 })];
    const withdrawals = release.withdrawals.map((each) => ({ ...each, channels: [...each.channels] }));
    const found = removals(history, [channel({ stops })], [{ ...release, files: [], channels: [], withdrawals }]);
    expect(found.map(({ kind, channel, version }) => [kind, channel, version])).toEqual([
      ["halted", "stable", null],
      ["withdrawn", "stable", "1.2.0"],
      ["withdrawn", "beta", "1.2.0"],
      ["stopped", "stable", "1.1.0"],
    ]);
  });
});
