// Which build a visitor's machine needs, from what the browser says of itself; or why that cannot be told. The rules are
// those of the endpoint's /download/<channel>/auto, so that the page and the link agree: Client Hints first, for browsers
// freeze their User-Agent, and where two builds are possible nothing is guessed.

export const BECAUSE = ["mac", "phone", "no-build", "nothing", "unknown"] as const;

/** Why no build was chosen, in the words that the endpoint's redirect uses. */
export type Because = (typeof BECAUSE)[number];

/** What a browser says: `platform`, `arch` and `bitness` are Client Hints, empty where it gives none. */
export interface Visitor {
  agent: string;
  platform: string;
  arch: string;
  bitness: string;
  mobile: boolean;
  touch: boolean; // more than one finger: an iPad says that it is a Mac
}

const SYSTEMS: Record<string, string> = { windows: "windows", macos: "darwin", linux: "linux" };
const PROCESSORS: Record<string, string> = { "x86-64": "x86_64", "x86-32": "i686", "arm-64": "aarch64", "arm-32": "armv7" };
const LINUX = ["x86_64", "amd64", "aarch64", "i686", "armv7"];
const PHONES = ["android", "iphone", "ipad", "ipod", "mobile"];

/** One of `targets`, or why none. */
export function detect(visitor: Visitor, targets: readonly string[]): string | Because {
  const agent = visitor.agent.toLowerCase();
  const hinted = visitor.platform.toLowerCase();
  if (visitor.mobile || PHONES.some((word) => agent.includes(word))) return "phone";
  const system = hinted ? SYSTEMS[hinted] : systemOf(agent);
  if (system === undefined) return hinted === "android" || hinted === "ios" ? "phone" : "unknown";
  if (system === "darwin" && visitor.touch) return "phone";
  const processor = visitor.arch
    ? PROCESSORS[`${visitor.arch.toLowerCase()}-${visitor.bitness || "64"}`]
    : processorOf(system, agent, hinted !== "");
  if (processor === undefined) return system === "darwin" && !visitor.arch ? "mac" : "unknown";
  const target = `${system}-${processor}`;
  return targets.includes(target) ? target : "no-build";
}

function systemOf(agent: string): string | undefined {
  if (agent.includes("windows nt")) return "windows";
  if (agent.includes("macintosh")) return "darwin";
  return agent.includes("linux") && /x11|wayland/.test(agent) ? "linux" : undefined; // a television says Linux too
}

// Windows on ARM that says x64 there runs what is built for x64.
function processorOf(system: string, agent: string, frozen: boolean): string | undefined {
  if (system === "windows") return agent.includes("arm64") ? "aarch64" : /win64|wow64|x64/.test(agent) ? "x86_64" : "i686";
  if (system !== "linux" || frozen) return undefined;
  const named = LINUX.find((word) => agent.includes(word));
  return named === "amd64" ? "x86_64" : named;
}
