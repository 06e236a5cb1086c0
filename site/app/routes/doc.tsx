import { useLoaderData, type LoaderFunctionArgs } from "react-router";

import { authors, channels, content, product, releases } from "../data";
import { canonical, docAddress, docsOf, editions, sections, type Doc } from "../editions";
import { written } from "../written";

export const handle = { static: true };

export function loader({ params }: LoaderFunctionArgs) {
  const fronts = content().filter(({ kind }) => kind === "docs");
  const known = editions(releases(), channels(), fronts);
  const [first, ...rest] = (params["*"] ?? "").split("/").filter(Boolean);
  const numbered = first !== undefined && known.all.includes(first);
  const edition = numbered ? first : known.current;
  const page = numbered ? rest.join("/") : first;
  const docs = docsOf(edition, fronts);
  const at = docs.findIndex((each) => each.page === page);
  const doc = docs[at];
  if (!doc) throw new Response(`There is no page ${params["*"]}.`, { status: 404 });
  const to = (each: Doc) => docAddress(each.page, edition, known.current);
  const link = (each: Doc | undefined) => (each ? { to: to(each), title: each.front.title } : null);
  const current = docsOf(known.current, fronts);
  return {
    doc,
    own: numbered ? `/docs/${edition}/${doc.page}/` : docAddress(doc.page, edition, known.current),
    canonical: canonical(doc, current, known),
    known,
    sections: sections(docs).map(({ title, docs }) => ({ title, links: docs.map((each) => ({ to: to(each), title: each.front.title })) })),
    previous: link(docs[at - 1]),
    next: link(docs[at + 1]),
    author: authors()[doc.front.author],
    product: product(),
    others: known.all.map((each) => ({ edition: each, has: docsOf(each, fronts).some((other) => other.page === doc.page) })),
  };
}

export const meta = ({ loaderData }: { loaderData?: Awaited<ReturnType<typeof loader>> }) => [
  { title: `${loaderData?.doc.front.title} · ESpice` },
];

export default function DocPage() {
  const { doc } = useLoaderData<typeof loader>();
  const { default: Text } = written(doc.front.path);
  return (
    <article>
      <h1>{doc.front.title}</h1>
      <Text />
    </article>
  );
}
