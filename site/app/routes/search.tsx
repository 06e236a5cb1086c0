import { useLoaderData, type MetaArgs } from "react-router";

import { channels, content, releases } from "../data";
import { docAddress, docsOf, editions, sections } from "../editions";
import { BrowserScript } from "../parts/browser-script";
import { Page, Section } from "../parts/page";
import { seo } from "../parts/seo";
import { posts } from "../posts";

export const handle = { static: true };

export const meta = (args: MetaArgs) =>
  seo(args, { title: "Search", description: "Search the documentation and the news of ESpice in your browser, also offline.", hidden: true });

const PLACES = [
  ["/download/", "Download"], ["/download/verify/", "Verify a download"], ["/releases/", "Release notes"], ["/docs/api/", "API reference"],
  ["/roadmap/", "Roadmap"], ["/status/", "Status"], ["/feedback/", "Feedback"], ["/contact/", "Contact"],
];

export function loader() {
  const fronts = content().filter(({ kind }) => kind === "docs");
  const known = editions(releases(), channels(), fronts);
  const docs = sections(docsOf(known.current, fronts)).map(({ title, docs }) => ({
    title,
    links: docs.map(({ page, front }) => [docAddress(page, known.current, known.current), front.title]),
  }));
  const legal = content().filter(({ kind }) => kind === "legal").map(({ path, title }) => [`/${path.replace(/\.mdx$/, "")}/`, title]);
  return {
    map: [...docs, { title: "News", links: posts().map(({ to, front }) => [to, front.title]) }, { title: "ESpice", links: [...PLACES, ...legal] }],
  };
}

export default function Search() {
  const { map } = useLoaderData<typeof loader>();
  return (
    <Page title="Search" lede="Documentation, news and legal pages. The search runs in your browser; nothing you type is sent anywhere.">
      <form role="search" action="/search/" hidden className="max-w-2xl">
        <label htmlFor="asked" className="block">Words to look for</label>
        <input id="asked" name="q" type="search" autoComplete="off" spellCheck="false" className="mt-2 w-full text-lg" aria-describedby="keys" />
        <p id="keys" className="mt-2 text-sm text-quiet">Arrow keys go through the results. <kbd>/</kbd> leads back here.</p>
      </form>
      <noscript>
        <p className="max-w-prose">Searching needs JavaScript, which is off here. All pages are listed below.</p>
      </noscript>
      <p role="status" className="mt-6 min-h-7 font-semibold" />
      <ol data-results className="mt-2 grid max-w-2xl gap-6" />
      <Section title="All pages" id="map">
        <div className="grid gap-x-10 gap-y-8 sm:grid-cols-2 lg:grid-cols-4">
          {map.map(({ title, links }) => (
            <div key={title}>
              <h3>{title}</h3>
              <ul className="mt-2">
                {links.map(([to, name]) => <li key={to}><a href={to} className="inline-block py-1">{name}</a></li>)}
              </ul>
            </div>
          ))}
        </div>
      </Section>
      <BrowserScript name="search" />
    </Page>
  );
}
