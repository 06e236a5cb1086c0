import { useCallback } from "react";
import { useLoaderData, type LoaderFunctionArgs, type MetaArgs } from "react-router";

import { simulations } from "../circuits";
import { authors, channels, content, product, releases } from "../data";
import { canonical, docAddress, docsOf, editions, sections, type Doc } from "../editions";
import { Note } from "../parts/note";
import { Page } from "../parts/page";
import { seo } from "../parts/seo";
import { Day } from "../parts/words/day";
import { Text } from "../parts/words/text";
import { written } from "../written";

export const handle = { static: true };

export function loader({ params }: LoaderFunctionArgs) {
  const fronts = content().filter(({ kind }) => kind === "docs");
  const known = editions(releases(), channels(), fronts);
  const [first = "", ...rest] = (params["*"] ?? "").split("/").filter(Boolean);
  const numbered = known.all.includes(first);
  const edition = numbered ? first : known.current;
  const page = numbered ? rest.join("/") : first;
  const docs = docsOf(edition, fronts);
  const at = docs.findIndex((each) => each.page === page);
  const doc = docs[at];
  if (!doc) throw new Response(`There is no page ${params["*"]}.`, { status: 404 });
  const link = (each: Doc) => ({ to: docAddress(each.page, edition, known.current), title: each.front.title });
  const neighbour = (each: Doc | undefined) => (each ? link(each) : null);
  const best = canonical(doc, docsOf(known.current, fronts), known);
  return {
    doc,
    known,
    best,
    listed: best === (numbered ? `/docs/${edition}/${page}/` : docAddress(page, edition, known.current)),
    sections: sections(docs).map(({ title, docs }) => ({ title, links: docs.map(link) })),
    previous: neighbour(docs[at - 1]),
    next: neighbour(docs[at + 1]),
    author: authors()[doc.front.author]?.title ?? doc.front.author,
    source: `https://github.com/${product().repository}/edit/main/site/content/${doc.front.path}`,
    editions: known.all
      .filter((each) => docsOf(each, fronts).some((other) => other.page === page))
      .map((each) => ({ edition: each, to: docAddress(page, each, known.current) })),
    pages: docs.map(({ page }) => page),
    circuits: simulations(),
  };
}

type Loaded = ReturnType<typeof loader>;

export const meta = (args: MetaArgs<typeof loader>) => {
  const { doc, best, listed } = args.loaderData as Loaded;
  return seo(args, {
    title: doc.front.title,
    description: doc.front.description,
    canonical: best,
    hidden: !listed,
    trail: [["/docs/", "Documentation"]],
  });
};

export default function DocPage() {
  const { doc, known, listed, sections, previous, next, author, source, editions, pages, best } = useLoaderData<typeof loader>();
  const here = docAddress(doc.page, doc.edition, known.current);
  const link = useCallback(
    (to: string) => {
      const [, page, rest = ""] = /^\/docs\/([a-z0-9-]+)\/(#.*)?$/.exec(to) ?? [];
      return page && pages.includes(page) ? docAddress(page, doc.edition, known.current) + rest : to;
    },
    [pages, doc.edition, known.current],
  );
  return (
    <Page
      title={doc.front.title}
      lede={doc.front.description}
      eyebrow={<><a href="/docs/">Documentation</a> / {doc.front.section} / ESpice {doc.edition}</>}
    >
      <div className="grid gap-x-12 gap-y-8 lg:grid-cols-[13rem_minmax(0,1fr)] xl:grid-cols-[13rem_minmax(0,1fr)_13rem]">
        <nav aria-label="Documentation" className="max-lg:order-last max-lg:border-t max-lg:border-rule max-lg:pt-6">
          <Sections sections={sections} here={here} />
        </nav>
        <article className="min-w-0" {...(listed ? { "data-pagefind-body": "", "data-pagefind-filter": "kind:Documentation" } : {})}>
          {doc.edition !== known.current && <Edition edition={doc.edition} current={known.current} best={best} here={here} />}
          <Text path={doc.front.path} link={link} />
        </article>
        <aside className="text-sm max-xl:lg:col-start-2">
          <OnThisPage path={doc.front.path} />
          <dl className="grid gap-x-6 gap-y-4 border-t border-rule pt-4 max-xl:sm:grid-cols-3 xl:mt-6" data-pagefind-ignore>
            <div><dt className="text-quiet">Holds for</dt><dd>{holds(doc)}</dd></div>
            <div><dt className="text-quiet">Last reviewed</dt><dd><Day at={doc.front.reviewed} />, {author}</dd></div>
            <div><dt className="text-quiet">Wrong or unclear?</dt><dd><a href={source}>Edit this page</a></dd></div>
          </dl>
          <nav aria-label="Versions of this page" className="mt-4 border-t border-rule pt-4">
            <p className="text-quiet">This page for</p>
            <ul className="mt-1 flex flex-wrap gap-x-4 font-mono">
              {editions.map(({ edition, to }) => (
                <li key={edition}>
                  <a href={to} className="inline-block py-1" aria-current={edition === doc.edition ? "true" : undefined}>
                    {edition}{edition === known.current ? " (current)" : ""}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
        </aside>
        <nav aria-label="Next to this page" className="grid gap-4 border-t border-rule pt-6 sm:grid-cols-2 lg:col-start-2">
          {previous ? <a href={previous.to} rel="prev"><span className="block text-sm text-quiet">Before</span>{previous.title}</a> : <span />}
          {next && <a href={next.to} rel="next" className="sm:text-end"><span className="block text-sm text-quiet">Next</span>{next.title}</a>}
        </nav>
      </div>
    </Page>
  );
}

function Sections({ sections, here }: { sections: Loaded["sections"]; here: string }) {
  return sections.map(({ title, links }) => (
    <div key={title} className="mb-5">
      <p className="font-mono text-xs text-quiet">{title}</p>
      <ul className="mt-1 text-[0.9375rem] leading-snug">
        {links.map(({ to, title }) => (
          <li key={to}>
            <a
              href={to}
              aria-current={to === here ? "page" : undefined}
              className={`block border-s-2 py-1 ps-3 no-underline hover:underline ${to === here ? "border-accent font-semibold text-ink" : "border-rule text-ink"}`}
            >
              {title}
            </a>
          </li>
        ))}
      </ul>
    </div>
  ));
}

function OnThisPage({ path }: { path: string }) {
  const headings = written(path).contents.filter(({ level }) => level === 2);
  if (headings.length < 2) return null;
  return (
    <nav aria-label="On this page" className="mb-4 max-xl:hidden">
      <p className="text-quiet">On this page</p>
      <ul className="mt-1">
        {headings.map(({ id, title }) => <li key={id}><a href={`#${id}`} className="block py-1 text-ink">{title}</a></li>)}
      </ul>
    </nav>
  );
}

function Edition({ edition, current, best, here }: { edition: string; current: string; best: string; here: string }) {
  const newer = edition.localeCompare(current, "en", { numeric: true }) > 0;
  return (
    <div className="mb-8">
      <Note tone={newer ? "plain" : "warn"} title={newer ? `ESpice ${edition} is on its way` : `This is about ESpice ${edition}`}>
        <p>
          {newer ? `It does not reach everybody on the stable channel yet. Most people have ${current}.` : `The current version is ${current}.`}{" "}
          {best !== here && <a href={best}>The same page for {current}</a>}
        </p>
      </Note>
    </div>
  );
}

const holds = ({ since, until }: Doc) => (until ? `ESpice ${since}, until ${until}` : `ESpice ${since} and later`);
