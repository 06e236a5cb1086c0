import { useLoaderData, type LoaderFunctionArgs, type MetaArgs } from "react-router";

import { FEEDS } from "../feeds";
import { Page } from "../parts/page";
import { seo } from "../parts/seo";
import { Day } from "../parts/words/day";
import { Text } from "../parts/words/text";
import { posts, type Post } from "../posts";

export const handle = { static: true };

export function loader({ params }: LoaderFunctionArgs) {
  const all = posts();
  const at = all.findIndex(({ to }) => to === `/news/${params["slug"]}/`);
  const post = all[at];
  if (!post) throw new Response(`There is no post ${params["slug"]}.`, { status: 404 });
  return { post, older: all[at + 1] ?? null, newer: all[at - 1] ?? null };
}

export const meta = (args: MetaArgs<typeof loader>) => {
  const { post } = args.loaderData as { post: Post };
  return [
    ...seo(args, {
      title: post.front.title,
      description: post.front.description,
      trail: [["/news/", "News"]],
      data: [{
        "@type": "BlogPosting", headline: post.front.title, description: post.front.description,
        datePublished: post.front.published, author: { "@type": "Organization", name: post.author },
      }],
    }),
    ...FEEDS.map(({ path, type, name }) => ({ tagName: "link" as const, rel: "alternate", type, href: path, title: `ESpice news (${name})` })),
  ];
};

export default function PostPage() {
  const { post, older, newer } = useLoaderData<typeof loader>();
  return (
    <Page
      title={post.front.title}
      lede={post.front.description}
      eyebrow={<><a href="/news/">News</a> / <Day at={post.front.published} /> / {post.author}</>}
      narrow
    >
      <article data-pagefind-body data-pagefind-filter="kind:News"><Text path={post.front.path} /></article>
      <nav aria-label="More news" className="mt-12 grid gap-4 border-t border-rule pt-6 sm:grid-cols-2">
        {older ? <a href={older.to} rel="prev"><span className="block text-sm text-quiet">Older</span>{older.front.title}</a> : <span />}
        {newer && <a href={newer.to} rel="next" className="sm:text-end"><span className="block text-sm text-quiet">Newer</span>{newer.front.title}</a>}
      </nav>
    </Page>
  );
}
