// Where a version stands on a channel, in words.
import type { Standing } from "../../api";
import { day } from "./figures";

/** In words; without what comes next. */
export function sentence({ state, percent, since, reason, halted }: Standing): string {
  const from = since ? ` since ${day(since)}` : "";
  switch (state) {
    case "everyone":
      return `Offered to everybody${from}.`;
    case "partial":
      return `On its way: offered to ${percent} % of installations${from}.`;
    case "held":
      return percent > 0 ? `Held at ${percent} % of installations${from}.` : `Held: offered to nobody${from}.`;
    case "stopped":
      return `${halted ? "Halted by the emergency brake" : "Stopped"}${from}: ${reason ?? "no reason is given"}.`;
    case "withdrawn":
      return `Withdrawn${since ? ` on ${day(since)}` : ""}: ${reason ?? "no reason is given"}.`;
    case "superseded":
      return `A newer version took its place${since ? ` on ${day(since)}` : ""}, before it reached everybody.`;
    case "not-started":
      return "Not offered yet.";
  }
}

/** What a chip says of it. */
export function stateWord(state: Standing["state"]): string {
  return { everyone: "everybody", "not-started": "not yet", partial: "rolling out" }[state as string] ?? state;
}
