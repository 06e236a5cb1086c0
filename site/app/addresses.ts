// The address of every page that is built, and of those that the sitemap names.
import { channels, content, releases } from "./data";
import { canonical, docAddress, docsOf, editions } from "./editions";

const STANDING = [
  "/",
  "/download/",
  "/download/verify/",
  "/releases/",
  "/docs/",
  "/docs/api/",
  "/search/",
  "/news/",
  "/roadmap/",
  "/status/",
  "/feedback/",
  "/contact/",
  "/404/",
];

// Of no use to a search engine.
const UNLISTED = ["/404/", "/search/"];

const FEEDS = ["/news/feed.rss", "/news/feed.atom", "/news/feed.json"];

/** Every address. Each edition of the documentation has its own, the current one too, so that none ever goes away. */
export function addresses(): string[] {
  return [...STANDING, ...FEEDS, ...versions(), ...written(), ...docs().map(({ address }) => address), ...numbered()];
}

/** Those that search engines should know. */
export function indexed(): string[] {
  const found = docs().filter(({ address, canonical }) => address === canonical);
  const standing = STANDING.filter((each) => !UNLISTED.includes(each));
  return [...standing, ...versions(), ...written(), ...found.map(({ address }) => address)];
}

const versions = () => releases().map(({ version }) => `/releases/${version}/`);

// content/news/hello.mdx is /news/hello/
function written(): string[] {
  return content()
    .filter(({ kind }) => kind === "news" || kind === "legal")
    .map(({ path }) => `/${path.replace(/\.mdx$/, "")}/`);
}

const docFronts = () => content().filter(({ kind }) => kind === "docs");

function docs(): { address: string; canonical: string }[] {
  const fronts = docFronts();
  const known = editions(releases(), channels(), fronts);
  const current = docsOf(known.current, fronts);
  return known.all
    .flatMap((edition) => docsOf(edition, fronts))
    .map((doc) => ({
      address: docAddress(doc.page, doc.edition, known.current),
      canonical: canonical(doc, current, known),
    }));
}

// The current edition by its number.
function numbered(): string[] {
  const fronts = docFronts();
  const { current } = editions(releases(), channels(), fronts);
  return docsOf(current, fronts).map(({ page }) => `/docs/${current}/${page}/`);
}
