// What people said of ESpice, and agreed to be quoted with. Where nobody did, there is nothing, not even a heading.
//   <Quotes quotes={content().filter(({ kind }) => kind === "quotes")} />
// quotes: front matter of content/quotes/, as a loader reads it.
import type { Front } from "../data";
import { written } from "../written";
import { Section } from "./page";

export function Quotes({ quotes }: { quotes: Front[] }) {
  if (quotes.length === 0) return null;
  return (
    <Section title="What people say" id="quotes">
      <div className="cards">
        {quotes.map(({ path, name, consent }) => {
          const { default: Words } = written(path);
          return (
            <figure key={path} className="card">
              <blockquote className="font-display text-xl leading-snug"><Words /></blockquote>
              <figcaption className="mt-4 text-sm text-quiet">
                {name ?? "Somebody who uses it"}, <a href={consent}>in public</a>
              </figcaption>
            </figure>
          );
        })}
      </div>
    </Section>
  );
}
