// The call to download: for the visitor's platform where a script can tell it, else by the endpoint's own guess.
import type { Channel, Release } from "../../api";
import type { Product } from "../../data";
import { day, size } from "./figures";
import { everybodyHas, offerOf } from "./offers";

export interface DownloadCallProps {
  channel: Channel;
  releases: readonly Release[];
  product: Product;
}

/** Stands within a `LivePage`. Links to each platform are beneath the button, with and without scripts. */
export function DownloadCall({ channel, releases, product }: DownloadCallProps) {
  const newest = everybodyHas(channel, releases);
  return (
    <div className="call" data-call={channel.channel}>
      <p data-call-offered hidden={newest === null}>
        <a className="button primary" href={`${product.updates}/download/${channel.channel}/auto`} data-call-link>
          Download for this computer
        </a>
      </p>
      <p className="call-note">
        {product.title} <NewestNumber channel={channel.channel} version={newest?.release.version} />
        {newest?.since && (
          <span data-newest-of={channel.channel}>, for everybody since {day(newest.since)}</span>
        )}
      </p>
      <ul className="call-platforms">
        {channel.newest.map((each) => {
          const offer = offerOf(channel.channel, each, releases);
          const file = offer?.files.find(({ bundle }) => bundle === each.file?.bundle);
          return (
            <li
              key={each.target}
              data-offer={`${channel.channel}/${each.target}`}
              data-version={offer?.release.version ?? ""}
              data-first={file?.bundle}
              hidden={!file}
            >
              <span data-bundle={file?.bundle}>
                <a href={file?.url} data-link><span data-title>{each.title}</span></a>{" "}
                <span className="size" data-size>{file && size(file.size)}</span>
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** The newest version that a channel offers to everybody, which `app/browser/live.ts` mends. */
export function NewestNumber({ channel, version }: { channel: string; version: string | undefined }) {
  return <b data-newest-of={channel} data-newest-is="number">{version ?? "nothing now"}</b>;
}
