// What a page says of itself to search engines and to whoever links to it: title, description, canonical address, languages,
// Open Graph and card.
//   export const meta = (args: Route.MetaArgs) => seo(args, { title: "Download", description: "…" });
// title: without the product's name, which is added; description: one or two sentences; canonical: the path of the page that is
// to be found instead of this one; hidden: search engines are asked to leave it out (so is all that is not in production);
// image: path of its Open Graph picture, 1200 by 630; trail: pages above it, outermost first; data: further JSON-LD objects.
import type { MetaDescriptor } from "react-router";

import type { Product } from "../data";

interface About {
  title: string;
  description: string;
  canonical?: string;
  hidden?: boolean;
  image?: string;
  trail?: readonly (readonly [path: string, name: string])[];
  data?: readonly LinkedData[];
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type LinkedData = { [key: string]: Json };

interface Asked {
  matches: readonly ({ loaderData: unknown } | undefined)[];
  location: { pathname: string };
}

export function seo({ matches, location }: Asked, about: About): MetaDescriptor[] {
  const { product } = matches[0]?.loaderData as { product: Product };
  const title = location.pathname === "/" ? about.title : `${about.title} · ${product.title}`;
  const address = product.site + (about.canonical ?? location.pathname);
  const image = product.site + (about.image ?? "/og/espice.png");
  const hidden = about.hidden === true || product.environment !== "production";
  const trail = about.trail ? [breadcrumbs(product, [...about.trail, [location.pathname, about.title]])] : [];
  return [
    { title },
    { name: "description", content: about.description },
    ...(hidden ? [{ name: "robots", content: "noindex" }] : []),
    { tagName: "link", rel: "canonical", href: address },
    { tagName: "link", rel: "alternate", hrefLang: "en", href: address },
    { tagName: "link", rel: "alternate", hrefLang: "x-default", href: address },
    { property: "og:type", content: "website" },
    { property: "og:site_name", content: product.title },
    { property: "og:title", content: title },
    { property: "og:description", content: about.description },
    { property: "og:url", content: address },
    { property: "og:image", content: image },
    { property: "og:image:width", content: "1200" },
    { property: "og:image:height", content: "630" },
    { property: "og:image:alt", content: `${product.title}: a trace on an oscilloscope's graticule` },
    { name: "twitter:card", content: "summary_large_image" },
    ...[...trail, ...(about.data ?? [])].map((each) => ({ "script:ld+json": { "@context": "https://schema.org", ...each } })),
  ];
}

function breadcrumbs(product: Product, trail: readonly (readonly [path: string, name: string])[]): LinkedData {
  return {
    "@type": "BreadcrumbList",
    itemListElement: trail.map(([path, name], index) => ({
      "@type": "ListItem", position: index + 1, name, item: product.site + path,
    })),
  };
}
