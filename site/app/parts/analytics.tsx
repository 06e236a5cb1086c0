// Counting of visits, where product.json names a service; nothing of it is in a build that has none.
//   loader: counting: counting(product()); layout: {counting && <Analytics {...counting} />}
// Cloudflare's sets no cookie and recognises nobody, so it asks nobody. Google's does, so nothing of it is loaded before the
// visitor agreed.
import type { Product } from "../data";
import { Question } from "./consent";

type Counting = { token: string } | { id: string };

export function counting({ analytics }: Product): Counting | null {
  if (!analytics) return null;
  return "cloudflare" in analytics ? { token: analytics.cloudflare } : { id: analytics.ga4 };
}

export function Analytics(counting: Counting) {
  if ("token" in counting) {
    const told = { "data-cf-beacon": JSON.stringify({ token: counting.token }) };
    return <script defer src="https://static.cloudflareinsights.com/beacon.min.js" {...told} />;
  }
  return (
    <Question purpose="analytics" label="Consent to statistics" told={counting.id}>
      May Google Analytics count your visit? It sets cookies. Nothing is loaded from Google unless you agree.
    </Question>
  );
}
