// The news as RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1. The day on which a post was last reviewed is no change of it.
import type { Product } from "./data";
import type { Post } from "./posts";

export const FEEDS = [
  { path: "/news/feed.rss", type: "application/rss+xml", name: "RSS" },
  { path: "/news/feed.atom", type: "application/atom+xml", name: "Atom" },
  { path: "/news/feed.json", type: "application/feed+json", name: "JSON Feed" },
] as const;

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text: string) => text.replace(/[&<>"']/g, (each) => ENTITIES[each] ?? each);

const about = ({ title }: Product) => ({ title: `${title} news`, description: `What is new about ${title} and how it reaches you.` });
const stamp = (at: string) => new Date(at).toISOString().replace(".000Z", "Z");
const newest = (posts: Post[]) => stamp(posts[0]?.front.published ?? "1970-01-01T00:00:00Z");

export function rss(product: Product, posts: Post[]): string {
  const { title, description } = about(product);
  const items = posts.map(({ front, to }) => `
    <item>
      <title>${escaped(front.title)}</title>
      <link>${escaped(product.site + to)}</link>
      <guid isPermaLink="true">${escaped(product.site + to)}</guid>
      <pubDate>${new Date(front.published).toUTCString()}</pubDate>
      <description>${escaped(front.description)}</description>
    </item>`);
  return `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
  <channel>
    <title>${escaped(title)}</title>
    <link>${escaped(product.site)}/news/</link>
    <description>${escaped(description)}</description>
    <language>en</language>
    <lastBuildDate>${new Date(newest(posts)).toUTCString()}</lastBuildDate>
    <atom:link href="${escaped(product.site)}/news/feed.rss" rel="self" type="application/rss+xml"/>${items.join("")}
  </channel>
</rss>
`;
}

export function atom(product: Product, posts: Post[]): string {
  const entries = posts.map(({ front, to, author }) => `
  <entry>
    <title>${escaped(front.title)}</title>
    <id>${escaped(product.site + to)}</id>
    <link href="${escaped(product.site + to)}"/>
    <published>${stamp(front.published)}</published>
    <updated>${stamp(front.published)}</updated>
    <author><name>${escaped(author)}</name></author>
    <summary>${escaped(front.description)}</summary>
  </entry>`);
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
  <title>${escaped(about(product).title)}</title>
  <id>${escaped(product.site)}/news/</id>
  <link href="${escaped(product.site)}/news/"/>
  <link href="${escaped(product.site)}/news/feed.atom" rel="self" type="application/atom+xml"/>
  <updated>${newest(posts)}</updated>
  <author><name>${escaped(product.title)}</name></author>${entries.join("")}
</feed>
`;
}

export function jsonFeed(product: Product, posts: Post[]): string {
  return JSON.stringify(
    {
      version: "https://jsonfeed.org/version/1.1",
      title: about(product).title,
      description: about(product).description,
      home_page_url: `${product.site}/news/`,
      feed_url: `${product.site}/news/feed.json`,
      language: "en",
      items: posts.map(({ front, to, author }) => ({
        id: product.site + to,
        url: product.site + to,
        title: front.title,
        content_text: front.description,
        date_published: stamp(front.published),
        authors: [{ name: author }],
      })),
    },
    null,
    2,
  );
}
