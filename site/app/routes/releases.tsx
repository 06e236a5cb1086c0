import { channels, product, releases } from "../data";
import { LivePage } from "../parts/downloads/live-page";
import { ChannelChangelog } from "../parts/downloads/channel-changelog";
import { VersionList } from "../parts/downloads/version-list";
import { Page, Section } from "../parts/page";
import { seo } from "../parts/seo";
import type { Route } from "./+types/releases";

export const handle = { static: true };

export const meta = (args: Route.MetaArgs) =>
  seo(args, {
    title: "Releases",
    description: "What is new in each version of ESpice, and where it stands on each channel.",
  });

export function loader() {
  return { product: product(), releases: releases(), channels: channels() };
}

const FEEDS = [["atom", "Atom"], ["rss", "RSS"], ["json", "JSON"]] as const;

export default function Releases({ loaderData: { product, releases, channels } }: Route.ComponentProps) {
  return (
    <Page title="Releases" lede="What is new in each version, and where it stands. Withdrawn versions stay listed, with the reason.">
      <LivePage product={product} releases={releases}>
        <nav className="choice" aria-label="Channels">
          <a href="#all">All versions</a>
          {channels.map(({ channel }) => (
            <a key={channel} href={`#on-${channel}`}>Only {channel}</a>
          ))}
        </nav>
        <Section title="All versions" id="all">
          <VersionList releases={releases} />
        </Section>
        {channels.map(({ channel }) => (
          <Section key={channel} title={`On ${channel}`} id={`on-${channel}`}>
            <ChannelChangelog channel={channel} releases={releases} />
          </Section>
        ))}
        <Section title="Feeds" id="feeds">
          <p>Each entry is a version that everybody on the channel was offered; a withdrawal is an entry of its own.</p>
          <ul className="standings mt-3">
            {channels.map(({ channel }) => (
              <li key={channel}>
                <span className="channel">{channel}</span>
                {FEEDS.map(([kind, name]) => (
                  <a key={kind} href={`${product.updates}/v1/feeds/${channel}.${kind}`}>{name}<span className="sr-only"> feed of {channel}</span></a>
                ))}
              </li>
            ))}
          </ul>
        </Section>
      </LivePage>
    </Page>
  );
}
