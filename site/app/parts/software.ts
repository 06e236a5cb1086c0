// What a search engine may say of the product: one SoftwareApplication for each platform, with nothing but facts.
//   data: software(product, offers)
import type { Product } from "../data";
import { size } from "./downloads/figures";
import type { Offer } from "./downloads/offers";
import type { LinkedData } from "./seo";

export function software(product: Product, offers: readonly Offer[]): LinkedData[] {
  return offers.map(({ target, release, files }) => ({
    "@type": "SoftwareApplication",
    name: product.title,
    applicationCategory: "DesignApplication",
    operatingSystem: product.targets[target]?.title ?? target,
    softwareVersion: release.version,
    datePublished: release.published,
    releaseNotes: `${product.site}/releases/${release.version}/`,
    url: `${product.site}/`,
    ...(files[0] ? { downloadUrl: files[0].url, fileSize: size(files[0].size) } : {}),
  }));
}
