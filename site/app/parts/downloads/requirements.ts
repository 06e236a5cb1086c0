// What a version needs, as the facts of the release say it.
const SYSTEMS: Record<string, [string, string]> = {
  windows: ["windows", "Windows"],
  darwin: ["macos", "macOS"],
  linux: ["linux", "Linux"],
};
const PROCESSORS: Record<string, string> = { x86_64: "a 64-bit Intel or AMD processor", aarch64: "a 64-bit ARM processor" };

/** One sentence for a target such as "windows-x86_64". */
export function requirement(target: string, minimum: Record<string, string>): string {
  const [system = "", processor = ""] = target.split("-", 2);
  const [key, title] = SYSTEMS[system] ?? [system, system];
  const least = minimum[key];
  const runsOn = target === "darwin-aarch64" ? "a Mac with Apple silicon" : (PROCESSORS[processor] ?? processor);
  return least ? `Needs ${title} ${least} or newer and ${runsOn}.` : `Needs ${title} and ${runsOn}.`;
}
