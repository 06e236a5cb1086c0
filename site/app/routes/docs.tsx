import { useLoaderData, type MetaArgs } from "react-router";

import { channels, content, releases } from "../data";
import { docAddress, docsOf, editions, sections } from "../editions";
import { Button } from "../parts/button";
import { Card, Cards } from "../parts/card";
import { Page, Section } from "../parts/page";
import { seo } from "../parts/seo";

export const handle = { static: true };

export const meta = (args: MetaArgs) =>
  seo(args, { title: "Documentation", description: "Guides to simulating circuits with ESpice, to its updates, and to its public API." });

export function loader() {
  const fronts = content().filter(({ kind }) => kind === "docs");
  const known = editions(releases(), channels(), fronts);
  return {
    known,
    sections: sections(docsOf(known.current, fronts)).map(({ title, docs }) => ({
      title,
      docs: docs.map(({ page, front }) => ({
        to: docAddress(page, known.current, known.current), title: front.title, description: front.description,
      })),
    })),
    // What came after the current edition, for those who have it already.
    ahead: known.all
      .filter((edition) => edition.localeCompare(known.current, "en", { numeric: true }) > 0)
      .map((edition) => ({
        edition,
        docs: docsOf(edition, fronts)
          .filter(({ since }) => since === edition)
          .map(({ page, front }) => ({ to: docAddress(page, edition, known.current), title: front.title })),
      }))
      .filter(({ docs }) => docs.length > 0),
  };
}

export default function Docs() {
  const { known, sections, ahead } = useLoaderData<typeof loader>();
  return (
    <Page
      title="Documentation"
      lede={`What holds for ESpice ${known.current}, which everybody on the stable channel may have.`}
      aside={<Button to="/search/">Search</Button>}
    >
      {sections.map(({ title, docs }) => (
        <section key={title} className="mt-10 grid gap-x-12 gap-y-4 border-t border-rule pt-6 first:mt-0 first:border-0 first:pt-0 md:grid-cols-[14rem_1fr]">
          <h2>{title}</h2>
          <ul className="grid gap-x-10 gap-y-5 sm:grid-cols-2">
            {docs.map((each) => (
              <li key={each.to}>
                <a href={each.to} className="font-semibold">{each.title}</a>
                <p className="mt-1 text-[0.9375rem] leading-snug text-quiet">{each.description}</p>
              </li>
            ))}
          </ul>
        </section>
      ))}
      <Section title="More">
        <Cards>
          <Card title={<a href="/docs/api/">API reference</a>}>
            <p>Every path of the public API with its parameters, answers and types, made from its OpenAPI document.</p>
          </Card>
          {ahead.map(({ edition, docs }) => (
            <Card key={edition} title={`New in ${edition}`}>
              <ul>{docs.map(({ to, title }) => <li key={to}><a href={to}>{title}</a></li>)}</ul>
            </Card>
          ))}
        </Cards>
      </Section>
    </Page>
  );
}
