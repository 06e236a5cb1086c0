// Counting of visits, where product.json names a service; nothing of it is in a build that has none.
//   loader: counting: counting(product()); layout: {counting && <Analytics {...counting} />}
// Cloudflare's sets no cookie and recognises nobody, so it asks nobody. Google's does, so nothing of it is loaded before the
// visitor agreed: the question stands still, refusing is as easy as agreeing, the answer is kept in the browser, and the
// colophon's `data-consent-again` asks anew. Only a loader may ask for it, as for the collector of errors.
import script from "../browser/consent?worker&url";
import type { Product } from "../data";

type Counting = { token: string } | { id: string; script: string };

export function counting({ analytics }: Product): Counting | null {
  if (!analytics) return null;
  return "cloudflare" in analytics ? { token: analytics.cloudflare } : { id: analytics.ga4, script };
}

export const needsConsent = (counting: Counting | null | undefined) => !!counting && "id" in counting;

export function Analytics(counting: Counting) {
  if ("token" in counting) {
    const told = { "data-cf-beacon": JSON.stringify({ token: counting.token }) };
    return <script defer src="https://static.cloudflareinsights.com/beacon.min.js" {...told} />;
  }
  return (
    <>
      <section className="consent" aria-label="Consent to statistics" data-consent={counting.id} hidden suppressHydrationWarning>
        <p>May Google Analytics count your visit? It sets cookies. Nothing is loaded from Google unless you agree.</p>
        <p className="consent-answers">
          <button type="button" className="button small" data-consent-answer="no">No</button>
          <button type="button" className="button small" data-consent-answer="yes">Yes</button>
        </p>
      </section>
      <script type="module" src={counting.script} />
    </>
  );
}
