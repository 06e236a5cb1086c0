import { expect, test } from "vitest";

import type { Channel, File, Release, Standing } from "../../api";
import { begin, isToBeHad, learn, narrow, removals, tell, type Answer, type Link } from "./knowledge";

const TARGET = "linux-x86_64";
const CELL = { channel: "stable", target: TARGET, version: "1.3.0" };
const LINK: Link = { version: "1.3.0", target: TARGET, bundle: "deb", channels: ["stable"], newest: ["stable"] };

const file = (version: string): File => ({
  target: TARGET, bundle: "deb", url: `https://downloads.example/${version}.deb`, size: 1, sha256: "0".repeat(64), signature: null, updater: true,
});

function release(version: string, state: Standing["state"], reason: string | null = null): Release {
  const standing = { channel: "stable", state, percent: 100, targets: [TARGET], since: null, reason, halted: state === "stopped", next: null };
  const files = state === "stopped" ? [] : [file(version)];
  return { version, published: "2026-10-07T15:20:00Z", notes: "", minimum_os: {}, downloads: "keep", files, channels: [standing], withdrawals: [] };
}

function answer(serial: number, newest: string | null, ...releases: Release[]): Answer {
  const stops = releases
    .filter(({ channels }) => channels[0]?.state === "stopped")
    .map(({ version, channels }) => ({ versions: [version], since: "2026-11-01T00:00:00Z", reason: channels[0]?.reason ?? "", halted: true }));
  const its = { target: TARGET, title: "Linux", version: newest, file: newest === null ? null : file(newest) };
  const channel: Channel = { channel: "stable", newest: [its], rollouts: [], stops };
  return { serial, channels: [channel], releases };
}

const good = (serial: number) => answer(serial, "1.3.0", release("1.3.0", "everyone"));
const halted = (serial: number) => answer(serial, null, release("1.3.0", "stopped", "it crashes"));

test("what is halted is offered no more, with its reason", () => {
  const known = learn(begin([]), halted(7));
  expect(tell(known, CELL)).toEqual({ kind: "nothing", reason: "it crashes", halted: true, instead: null });
  expect(isToBeHad(known, LINK)).toBe(false);
  expect(removals(known, "1.3.0").map(({ state }) => state)).toEqual(["stopped"]);
});

test("a removal that the page says already is not said twice", () => {
  expect(removals(learn(begin(["stable/1.3.0"]), halted(7)), "1.3.0")).toEqual([]);
});

test("a version that reached everybody is shown", () => {
  const told = tell(learn(begin([]), answer(7, "1.4.0", release("1.4.0", "everyone"), release("1.3.0", "everyone"))), CELL);
  expect(told).toMatchObject({ kind: "offer", release: { version: "1.4.0" } });
});

test.each([6, 7])("an answer of serial %i never brings back what one of serial 7 took away", (serial) => {
  const known = learn(begin([]), halted(7));
  expect(learn(known, good(serial))).toBe(known);
});

test("a later deploy may offer it again", () => {
  const known = learn(learn(begin([]), halted(7)), good(8));
  expect(tell(known, CELL).kind).toBe("as-built");
  expect(isToBeHad(known, LINK)).toBe(true);
});

test("what the build knew as withdrawn comes back with a newer build only", () => {
  const known = learn(begin(["stable/1.4.0"]), answer(900, "1.4.0", release("1.4.0", "everyone"), release("1.3.0", "everyone")));
  expect(tell(known, CELL).kind).toBe("nothing");
  expect(isToBeHad(known, { ...LINK, version: "1.4.0" })).toBe(false);
});

test("a channel, a version or files that an answer lacks are not offered by it", () => {
  for (const each of [answer(7, "1.3.0"), { ...good(7), channels: [] }, answer(7, "1.3.0", { ...release("1.3.0", "everyone"), files: [] })]) {
    expect(tell(learn(begin([]), each), CELL).kind).toBe("nothing");
  }
});

test("files of a version that was withdrawn but kept are not offered", () => {
  expect(isToBeHad(learn(begin([]), answer(7, null, release("1.3.0", "withdrawn", "it crashes"))), LINK)).toBe(false);
});

test("manifests confirm what was built, and never show a newer version", () => {
  for (const version of ["1.3.0", "1.4.0"]) {
    const known = narrow(begin([]), new Map([[`stable/${TARGET}`, version]]));
    expect(tell(known, CELL)).toEqual({ kind: "as-built" });
    expect(isToBeHad(known, LINK)).toBe(true);
  }
});

test("a manifest that offers less takes the offer away, and says what is offered instead", () => {
  const older = narrow(begin([]), new Map([[`stable/${TARGET}`, "1.2.0"]]));
  expect(tell(older, CELL)).toMatchObject({ kind: "nothing", instead: "1.2.0" });
  expect(isToBeHad(older, LINK)).toBe(false);
  const none = narrow(begin([]), new Map([[`stable/${TARGET}`, "0.0.0"]]));
  expect(tell(none, CELL)).toMatchObject({ kind: "nothing", instead: null });
});

test("an older manifest brings nothing back while the endpoint is silent, and the endpoint decides again", () => {
  const less = narrow(begin([]), new Map([[`stable/${TARGET}`, "0.0.0"]]));
  const known = narrow(less, new Map([[`stable/${TARGET}`, "1.3.0"]]));
  expect(tell(known, CELL).kind).toBe("nothing");
  expect(tell(learn(known, good(7)), CELL).kind).toBe("as-built");
});

test("manifests leave alone what is not the newest for everybody, and bring back nothing that an answer took away", () => {
  const said = new Map([[`stable/${TARGET}`, "1.3.0"]]);
  expect(isToBeHad(narrow(begin([]), said), { ...LINK, version: "1.2.0", newest: [] })).toBe(true);
  expect(isToBeHad(narrow(begin([]), said), { ...LINK, version: "1.4.0", newest: [] })).toBe(true);
  expect(tell(narrow(learn(begin([]), halted(7)), said), CELL).kind).toBe("nothing");
});
