import { expect, test } from "vitest";

import { detect, type Visitor } from "./platform";

const TARGETS = ["windows-x86_64", "darwin-aarch64", "darwin-x86_64", "linux-x86_64"];
const NOBODY: Visitor = { agent: "", platform: "", arch: "", bitness: "", mobile: false, touch: false };
const MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15";

test.each<[string, Partial<Visitor>, string]>([
  ["Chrome on Windows", { platform: "Windows", arch: "x86", bitness: "64" }, "windows-x86_64"],
  ["Chrome on Windows on ARM", { platform: "Windows", arch: "arm", bitness: "64" }, "no-build"],
  ["Chrome on Apple silicon", { platform: "macOS", arch: "arm", bitness: "64", agent: MAC }, "darwin-aarch64"],
  ["Chrome on an Intel Mac", { platform: "macOS", arch: "x86", bitness: "64", agent: MAC }, "darwin-x86_64"],
  ["Safari on a Mac", { agent: MAC }, "mac"],
  ["Safari on an iPad that says Mac", { agent: MAC, touch: true }, "phone"],
  ["Firefox on Windows", { agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0)" }, "windows-x86_64"],
  ["Firefox on Linux", { agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0)" }, "linux-x86_64"],
  ["Firefox on Linux on ARM", { agent: "Mozilla/5.0 (X11; Linux aarch64; rv:140.0)" }, "no-build"],
  ["Chrome on Linux that keeps its processor to itself", { platform: "Linux", agent: "Mozilla/5.0 (X11; Linux x86_64)" }, "unknown"],
  ["Chrome on Android", { platform: "Android", mobile: true }, "phone"],
  ["a television", { agent: "Mozilla/5.0 (Linux; SmartTV)" }, "unknown"],
  ["nothing", {}, "unknown"],
])("%s", (_, visitor, found) => {
  expect(detect({ ...NOBODY, ...visitor }, TARGETS)).toBe(found);
});
