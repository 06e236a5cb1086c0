import { expect, test } from "vitest";

import { wait } from "./pace";

test("a page asks within 30 s while somebody answers, and ever more seldom while nobody does", () => {
  expect(wait(0, 1)).toBe(30_000);
  expect(wait(0, 0)).toBeGreaterThan(20_000);
  expect(wait(1, 1)).toBe(60_000);
  expect(wait(50, 1)).toBe(240_000);
});
