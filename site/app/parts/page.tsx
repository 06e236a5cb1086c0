// A page inside the frame: its heading, and what follows.
//   <Page title="Download" lede="One sentence." eyebrow={<a href="/docs/">Docs</a>} narrow>…</Page>
// title: the h1; lede: what the page is for; eyebrow: where it stands, in small letters above; aside: at the end of the head's
// line, such as a button; narrow: the measure of prose instead of the whole width.
import type { ReactNode } from "react";

interface Props {
  title: ReactNode;
  lede?: ReactNode;
  eyebrow?: ReactNode;
  aside?: ReactNode;
  narrow?: boolean;
  children: ReactNode;
}

export function Page({ title, lede, eyebrow, aside, narrow = false, children }: Props) {
  return (
    <div className="wide page">
      <header className="page-head">
        {eyebrow && <p className="eyebrow">{eyebrow}</p>}
        <div className="flex flex-wrap items-end justify-between gap-4">
          <h1>{title}</h1>
          {aside}
        </div>
        {lede && <p className="lede">{lede}</p>}
      </header>
      <div className={narrow ? "narrow" : undefined}>{children}</div>
    </div>
  );
}

// A part of a page under an h2.
//   <Section title="Checksums" id="checksums">…</Section>
export function Section({ title, id, children }: { title: ReactNode; id?: string; children: ReactNode }) {
  return (
    <section className="section" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}
