// Why the page could not choose a build; `app/browser/visitor.ts` shows the one that is so.
import { Note } from "../note";
import type { Because as Reason } from "./platform";

const WORDS: Record<Reason, [title: string, words: string]> = {
  mac: [
    "Apple silicon or Intel?",
    "This browser does not say which processor the Mac has. Choose Apple menu, then About This Mac: where it says Chip, take " +
      "Apple silicon; where it says Processor, take Intel.",
  ],
  phone: ["Not for phones and tablets", "ESpice runs on desktop computers. Open this page there, or send yourself its address."],
  "no-build": ["No build for this computer", "There is no ESpice for this system and processor. These are the builds there are."],
  nothing: ["Nothing is offered right now", "When you followed the link, no version was offered to everybody for your system. The reason, where one is given, stands below."],
  unknown: ["Which system is this?", "Your browser did not say enough to choose for you. Please take the build for your system below."],
};

export function Because() {
  return Object.entries(WORDS).map(([reason, [title, words]]) => (
    <div key={reason} data-because={reason} hidden>
      <Note title={title}><p>{words}</p></Note>
    </div>
  ));
}
