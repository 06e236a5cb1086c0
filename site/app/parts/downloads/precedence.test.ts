import { expect, test } from "vitest";

import { compareVersions } from "./precedence";

test("versions are in the order of SemVer, with build metadata last", () => {
  const sorted = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.0+1", "1.0.0+2", "1.2.0", "1.10.0"];
  expect([...sorted].reverse().sort(compareVersions)).toEqual(sorted);
  for (const each of sorted) expect(compareVersions(each, each)).toBe(0);
});
