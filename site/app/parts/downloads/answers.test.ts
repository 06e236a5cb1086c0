import { expect, test } from "vitest";

import { channelsIn, releasesIn, versionIn } from "./answers";

const STRANGE = [null, undefined, 1, "text", [], {}, { channels: {} }, { releases: [{}] }, { channels: [{ channel: 1 }] }];

test.each(STRANGE)("%j is no answer", (value) => {
  expect(channelsIn(value)).toBeNull();
  expect(releasesIn(value)).toBeNull();
  expect(versionIn(value)).toBeNull();
});

test("a file without a web address makes the whole answer none", () => {
  const file = { target: "a", bundle: "b", url: "javascript:alert(1)", size: 1, sha256: "0".repeat(64), signature: null, updater: true };
  const release = { version: "1.0.0", published: "", notes: "", minimum_os: {}, files: [file], channels: [] };
  expect(releasesIn({ releases: [release] })).toBeNull();
  expect(releasesIn({ releases: [{ ...release, files: [{ ...file, url: "https://a.example/b" }] }] })).toHaveLength(1);
});

test("keys that are new change nothing", () => {
  expect(channelsIn({ channels: [{ channel: "stable", newest: [], stops: [], rollouts: [], later: 1 }], more: true })).toHaveLength(1);
});

test("a manifest says one version", () => {
  expect(versionIn({ version: "1.3.0", platforms: {} })).toBe("1.3.0");
  expect(versionIn({ version: "<b>", platforms: {} })).toBeNull();
});
