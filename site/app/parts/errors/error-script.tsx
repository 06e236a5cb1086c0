// Tells where errors are collected when something fails on a page; on no page where no collector is set.
import type { Product } from "../../data";
import errors from "../../browser/errors?worker&url";
import { ATTRIBUTE, type Telling } from "./settings";

export function ErrorScript({ product }: { product: Product }) {
  if (!product.sentry) return null;
  const telling: Telling = { dsn: product.sentry, release: product.commit, environment: product.environment };
  return <script type="module" src={errors} {...{ [ATTRIBUTE]: JSON.stringify(telling) }} />;
}
