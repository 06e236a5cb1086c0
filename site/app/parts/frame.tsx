// What stands around every page.
import type { ReactNode } from "react";

const PLACES = [
  ["/download/", "Download"],
  ["/docs/", "Docs"],
  ["/releases/", "Releases"],
  ["/roadmap/", "Roadmap"],
  ["/news/", "News"],
  ["/status/", "Status"],
] as const;

export function Frame({ children }: { children: ReactNode }) {
  return (
    <>
      <a href="#content" className="skip">Skip to content</a>
      <header>
        <a href="/">ESpice</a>
        <nav aria-label="Main">
          {PLACES.map(([to, name]) => (
            <a key={to} href={to}>{name}</a>
          ))}
        </nav>
      </header>
      <main id="content">{children}</main>
      <footer />
    </>
  );
}
