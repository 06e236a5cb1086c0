import { useLoaderData, type MetaArgs } from "react-router";

import { channels, product } from "../data";
import { FEEDS } from "../feeds";
import { Page, Section } from "../parts/page";
import { seo } from "../parts/seo";
import { Day } from "../parts/words/day";
import { posts } from "../posts";

export const handle = { static: true };

export const loader = () => ({
  posts: posts(),
  feeds: channels().map(({ channel }) => ({ channel, at: `${product().updates}/v1/feeds/${channel}` })),
});

export const meta = (args: MetaArgs) => [
  ...seo(args, { title: "News", description: "What is new about ESpice: releases, the site, and how updates reach you." }),
  ...FEEDS.map(({ path, type, name }) => ({ tagName: "link" as const, rel: "alternate", type, href: path, title: `ESpice news (${name})` })),
];

export default function News() {
  const { posts, feeds } = useLoaderData<typeof loader>();
  return (
    <Page title="News" lede="What is new, and how it reaches you.">
      <ol className="grid gap-10">
        {posts.map(({ front, to, author }) => (
          <li key={to} className="grid gap-x-12 gap-y-1 border-b border-rule pb-10 md:grid-cols-[12rem_minmax(0,42rem)]">
            <p className="font-mono text-sm text-quiet"><Day at={front.published} /><span className="block">{author}</span></p>
            <div>
              <h2><a href={to} className="text-ink no-underline hover:underline">{front.title}</a></h2>
              <p className="mt-2 text-quiet">{front.description}</p>
            </div>
          </li>
        ))}
      </ol>
      <Section title="Follow" id="follow">
        <p className="max-w-prose">Feeds are read by any feed reader, with no account and nothing to sign up for.</p>
        <dl className="mt-4 grid gap-4 sm:grid-cols-3">
          <div>
            <dt className="font-semibold">News</dt>
            <dd>{FEEDS.map(({ path, name }) => <a key={path} href={path} className="me-4 inline-block py-1">{name}</a>)}</dd>
          </div>
          {feeds.map(({ channel, at }) => (
            <div key={channel}>
              <dt className="font-semibold">Releases on {channel}</dt>
              <dd>{FEEDS.map(({ path, name }) => <a key={path} href={at + path.replace("/news/feed", "")} className="me-4 inline-block py-1">{name}</a>)}</dd>
            </div>
          ))}
        </dl>
      </Section>
    </Page>
  );
}
