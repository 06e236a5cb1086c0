import { useLoaderData, type LoaderFunctionArgs, type MetaArgs } from "react-router";

import { content, type Front } from "../data";
import { Page } from "../parts/page";
import { seo } from "../parts/seo";
import { Day } from "../parts/words/day";
import { Text } from "../parts/words/text";

export const handle = { static: true };

export function loader({ params }: LoaderFunctionArgs) {
  const front = content().find(({ path }) => path === `legal/${params["slug"]}.mdx`);
  if (!front) throw new Response(`There is no page ${params["slug"]}.`, { status: 404 });
  return { front };
}

export const meta = (args: MetaArgs<typeof loader>) => {
  const { title, description } = (args.loaderData as { front: Front }).front;
  return seo(args, { title, description });
};

export default function Legal() {
  const { front } = useLoaderData<typeof loader>();
  return (
    <Page title={front.title} lede={front.description} eyebrow={<>Last reviewed <Day at={front.reviewed} /></>} narrow>
      <article data-pagefind-body data-pagefind-filter="kind:Legal"><Text path={front.path} /></article>
    </Page>
  );
}
