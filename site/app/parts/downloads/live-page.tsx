// Marks what `app/browser/live.ts` keeps true, and gives it a place to speak.
import type { ReactNode } from "react";

import type { Release } from "../../api";
import type { Product } from "../../data";
import { BrowserScript } from "../browser-script";
import "./downloads.css";

export interface LivePageProps {
  product: Product;
  releases: readonly Release[];
  children: ReactNode;
}

/** Around whatever holds offers (`OfferCard`, `DownloadCall`) or links to files (`linkMarks`). */
export function LivePage({ product, releases, children }: LivePageProps) {
  const built = product.built.slice(0, 16).replace("T", " ");
  return (
    <div data-live data-updates={product.updates} data-downloads={product.downloads} data-removed={removed(releases)}>
      <p className="changes" role="status" data-changes />
      {children}
      <p className="checked">
        What is offered here is as of <time dateTime={product.built}>{built} UTC</time>
        <span data-checked>.</span>
      </p>
      <BrowserScript name="live" />
    </div>
  );
}

// "beta/1.4.0-beta.1": what an answer older than this page must not bring back.
function removed(releases: readonly Release[]): string {
  const found = releases.flatMap(({ version, channels }) =>
    channels
      .filter(({ state }) => state === "withdrawn" || state === "stopped")
      .map(({ channel }) => `${channel}/${version}`),
  );
  return found.join(" ");
}
