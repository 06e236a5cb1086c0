import { channels, product, releases } from "../data";
import { BrowserScript } from "../parts/browser-script";
import { Because } from "../parts/downloads/because";
import { DownloadCall, NewestNumber } from "../parts/downloads/download-call";
import { everybodyHas, offerOf } from "../parts/downloads/offers";
import { LivePage } from "../parts/downloads/live-page";
import { Notes } from "../parts/downloads/notes";
import { OfferCard } from "../parts/downloads/offer-card";
import { StandingLine } from "../parts/downloads/standing-line";
import { VersionList } from "../parts/downloads/version-list";
import { Page, Section } from "../parts/page";
import { seo } from "../parts/seo";
import { software } from "../parts/software";
import type { Route } from "./+types/download";

export const handle = { static: true };

export const meta = (args: Route.MetaArgs) =>
  seo(args, {
    title: "Download",
    description: "ESpice for Windows, macOS and Linux: every file with its checksum and signature, and every older version.",
    data: args.loaderData ? software(args.loaderData.product, args.loaderData.offers) : [],
  });

// The channel that most people want comes first.
export function loader() {
  const all = channels();
  const sorted = [...all].sort((a, b) => Number(b.channel === "stable") - Number(a.channel === "stable"));
  const known = releases();
  const [main] = sorted;
  const offers = main?.newest.flatMap((each) => offerOf(main.channel, each, known) ?? []) ?? [];
  return { product: product(), releases: known, channels: sorted, offers };
}

export default function Download({ loaderData: { product, releases, channels } }: Route.ComponentProps) {
  const [main, ...others] = channels;
  const newest = main && everybodyHas(main, releases);
  return (
    <Page title={`Download ${product.title}`} lede="For Windows, macOS and Linux. It updates itself afterwards.">
      <LivePage product={product} releases={releases}>
        <div className="grid gap-6">
          {main && <DownloadCall channel={main} releases={releases} product={product} />}
          <Because />
        </div>
        <nav className="choice" aria-label="Channels and versions">
          {channels.map((each) => (
            <a key={each.channel} href={`#${each.channel}`}>
              {capital(each.channel)} <NewestNumber channel={each.channel} version={everybodyHas(each, releases)?.release.version} />
            </a>
          ))}
          <a href="#versions">Older versions</a>
          <a href="/download/verify/">Verify a download</a>
        </nav>
        {main && (
          <section className="section" id={main.channel} aria-labelledby={`${main.channel}-title`}>
            <h2 id={`${main.channel}-title`}>{capital(main.channel)}</h2>
            {newest && <div data-newest-of={main.channel}><Notes text={newest.release.notes} below={2} /></div>}
            <Ahead channel={main} />
            <Offers channel={main} releases={releases} product={product} />
          </section>
        )}
        {others.map((channel) => (
          <details key={channel.channel} className="section" id={channel.channel}>
            <summary><h2>{capital(channel.channel)}</h2></summary>
            <p className="prose">Versions to try early, before they reach {main?.channel}. They may have faults that nobody met yet.</p>
            <Ahead channel={channel} />
            <Offers channel={channel} releases={releases} product={product} />
          </details>
        ))}
        <Section title="All versions" id="versions">
          <VersionList releases={releases} />
        </Section>
      </LivePage>
      <BrowserScript name="copy" />
    </Page>
  );
}

type Data = Route.ComponentProps["loaderData"];

function Offers({ channel, releases, product }: Pick<Data, "releases" | "product"> & { channel: Data["channels"][number] }) {
  return (
    <div className="offers">
      {channel.newest.map((each) => (
        <OfferCard key={each.target} channel={channel} newest={each} releases={releases} product={product} />
      ))}
    </div>
  );
}

function Ahead({ channel }: { channel: Data["channels"][number] }) {
  if (channel.rollouts.length === 0) return null;
  return (
    <ul className="standings mt-4">
      {channel.rollouts.map(({ version, standing }) => (
        <li key={version}>
          <a href={`/releases/${version}/`}>{version}</a>
          <span><StandingLine standing={standing} /></span>
        </li>
      ))}
    </ul>
  );
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
