// A block of code as MDX gives it: <pre><code class="language-spice">. Netlists are coloured by what a line is; the button to
// copy is shown by app/browser/copy.ts, so that without scripts there is none.
import { Children, isValidElement, type ReactNode } from "react";

import { tokens } from "./netlist";

const NAMES: Record<string, string> = {
  spice: "Netlist", sh: "Shell", powershell: "PowerShell", json: "JSON", http: "HTTP", js: "JavaScript", py: "Python", text: "Text",
};

const LOOKS = { comment: "text-quiet italic", directive: "text-channel-2", element: "text-channel-1", text: undefined };

export function Code({ children }: { children?: ReactNode }) {
  const code = Children.toArray(children).find(isValidElement<{ className?: string; children?: string }>);
  const language = code?.props.className?.replace("language-", "") ?? "text";
  const source = String(code?.props.children ?? "").replace(/\n$/, "");
  return (
    <div className="relative my-6">
      <p className="flex min-h-8 items-center font-mono text-xs text-quiet" data-pagefind-ignore>{NAMES[language] ?? language}</p>
      <button type="button" data-copy hidden data-pagefind-ignore className="absolute end-0 top-0 min-h-8 cursor-pointer px-2 font-mono text-xs text-accent underline">
        Copy
      </button>
      <pre className="code" tabIndex={0} aria-label={NAMES[language] ?? language} role="group">
        <code>{language === "spice" ? <Netlist source={source} /> : source}</code>
      </pre>
    </div>
  );
}

function Netlist({ source }: { source: string }) {
  return tokens(source).map(({ kind, text }, index) =>
    kind === "text" ? text : <span key={index} className={LOOKS[kind]}>{text}</span>,
  );
}
