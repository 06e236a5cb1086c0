// Something to know (info) or to beware of (warn, bad), set apart from the text.
//   <Note tone="warn" title="1.4.0-beta.1 is withdrawn"><p>Why, and what to do.</p></Note>
import type { ReactNode } from "react";

import type { Tone } from "./tag";

export function Note({ tone = "plain", title, children }: { tone?: Tone; title?: ReactNode; children?: ReactNode }) {
  return (
    <div className={`note tone-${tone}`}>
      {title && <p className="note-title">{title}</p>}
      {children}
    </div>
  );
}
