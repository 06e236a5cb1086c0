import { describe, expect, test } from "vitest";

import type { Channel, Release } from "./api";
import type { Front } from "./data";
import { canonical, docAddress, docsOf, editions, minor, sections } from "./editions";

const front = (path: string, order: number, section = "Start") => ({ path: `docs/${path}.mdx`, kind: "docs", order, section }) as Front;
const FRONTS = [front("1.2/install", 1), front("1.4/install", 1), front("1.2/ac", 3, "Simulate"), front("1.10/undo", 2)];
const released = (...versions: string[]) => versions.map((version) => ({ version }) as Release);
const stable = (version: string | null) => [{ channel: "stable", newest: [{ version }] } as Channel];
const RELEASES = released("1.1.0", "1.2.0", "1.3.0", "1.3.1", "1.4.0-beta.1", "1.10.0");

describe("editions of the documentation", () => {
  test("there is one for each minor version from the oldest text on, the newest first", () => {
    expect(editions(RELEASES, stable("1.3.1"), FRONTS)).toEqual({ all: ["1.10", "1.4", "1.3", "1.2"], current: "1.3" });
  });

  test("the current one is what everybody on stable may have, else the oldest", () => {
    expect(editions(RELEASES, stable("1.10.0"), FRONTS).current).toBe("1.10");
    expect(editions(RELEASES, stable(null), FRONTS).current).toBe("1.2");
  });

  test("a page holds until a later folder has another of its name", () => {
    const of = (edition: string) => docsOf(edition, FRONTS).map(({ page, since, until }) => [page, since, until]);
    expect(of("1.3")).toEqual([["install", "1.2", "1.4"], ["ac", "1.2", null]]);
    expect(of("1.10")).toEqual([["install", "1.4", null], ["undo", "1.10", null], ["ac", "1.2", null]]);
  });

  test("search engines are led to the current text where there is one", () => {
    const known = editions(RELEASES, stable("1.3.1"), FRONTS);
    const current = docsOf("1.3", FRONTS);
    const asked = docsOf("1.10", FRONTS).map((doc) => canonical(doc, current, known));
    expect(asked).toEqual(["/docs/install/", "/docs/1.10/undo/", "/docs/ac/"]);
    const later = docsOf("1.11", FRONTS).find(({ page }) => page === "undo");
    expect(later && canonical(later, current, known)).toBe("/docs/1.10/undo/");
  });

  test("the current edition stands at the address without a number", () => {
    expect(docAddress("install", "1.3", "1.3")).toBe("/docs/install/");
    expect(docAddress("install", "1.2", "1.3")).toBe("/docs/1.2/install/");
    expect(minor("1.10.2-beta.1")).toBe("1.10");
  });

  test("sections keep the order of their first page", () => {
    expect(sections(docsOf("1.3", FRONTS)).map(({ title }) => title)).toEqual(["Start", "Simulate"]);
  });
});
