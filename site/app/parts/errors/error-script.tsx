// Tells where errors are collected when something fails on a page; on no page where no collector is set.
//   loader: errors: telling(product()); layout: {errors && <ErrorScript {...errors} />}
// Only a loader may ask for it: what a page's own code named, each visitor's browser would have to be able to load.
import type { Product } from "../../data";
import script from "../../browser/errors?worker&url";
import report from "../../browser/report?worker&url";
import { ATTRIBUTE, type Telling } from "./settings";

interface Props {
  script: string;
  told: Telling;
}

export function telling(product: Product): Props | null {
  if (!product.sentry) return null;
  return { script, told: { dsn: product.sentry, release: product.commit, environment: product.environment, report } };
}

export function ErrorScript({ script: source, told }: Props) {
  return <script type="module" src={source} {...{ [ATTRIBUTE]: JSON.stringify(told) }} />;
}
