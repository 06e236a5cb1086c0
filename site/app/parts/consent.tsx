// What is done only with a visitor's consent, asked for by a question that stands still: refusing is as easy as agreeing,
// the answer is kept in the browser, and the colophon's `data-consent-again` asks anew. browser/consent.ts carries it out.
//   <Question purpose="replay" label="Consent to …" told={…}>May …?</Question>
// told: what the script needs to know to begin.
import type { ReactNode } from "react";

export type Purpose = "analytics" | "replay";

interface Props {
  purpose: Purpose;
  label: string;
  told: string;
  children: ReactNode;
}

export function Question({ purpose, label, told, children }: Props) {
  return (
    <section className="consent" aria-label={label} data-consent={purpose} data-told={told} hidden suppressHydrationWarning>
      <p>{children}</p>
      <p className="consent-answers">
        <button type="button" className="button small" data-consent-answer="no">No</button>
        <button type="button" className="button small" data-consent-answer="yes">Yes</button>
      </p>
    </section>
  );
}
