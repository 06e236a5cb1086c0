// The newest version that a channel offers to everybody on one target; `app/browser/live.ts` keeps it true.
import type { Channel, Newest, Release } from "../../api";
import type { Product } from "../../data";
import { day } from "./figures";
import { FileRow } from "./file-row";
import { offerOf, stopOf } from "./offers";
import { requirement } from "./requirements";

export interface OfferCardProps {
  channel: Channel;
  newest: Newest;
  releases: readonly Release[];
  product: Product;
}

export function OfferCard({ channel, newest, releases, product }: OfferCardProps) {
  const offer = offerOf(channel.channel, newest, releases);
  const place = `${channel.channel}/${newest.target}`;
  return (
    <article className="offer" id={place.replace("/", "-")} data-offer={place} data-version={offer?.release.version ?? ""}>
      <div className="offer-head">
        <h3 data-title>{newest.title}</h3>
        <span className="yours surely">your system</span>
        <span className="yours perhaps">perhaps yours</span>
      </div>
      <p className="nothing" data-nothing hidden={offer !== null}>{nothingSaid(channel)}</p>
      <div data-offered hidden={offer === null}>
        <p className="offer-version">
          <a href={offer ? `/releases/${offer.release.version}/` : "/releases/"} data-notes>
            ESpice <b data-number>{offer?.release.version}</b>
          </a>{" "}
          · built <span data-published>{offer && day(offer.release.published)}</span>
        </p>
        <div className="files">
          {offer?.files.map((file) => <FileRow key={file.bundle} file={file} isOffered />)}
        </div>
        {offer && <p className="small-print" data-requirement>{requirement(newest.target, offer.release.minimum_os)}</p>}
        <p className="small-print">
          Always the newest:{" "}
          <code>{`${product.downloads}/latest/${channel.channel}/${newest.target}`}</code>
        </p>
      </div>
    </article>
  );
}

function nothingSaid(channel: Channel): string {
  const stop = stopOf(channel);
  if (!stop) return "No version is offered to everybody here now.";
  const how = stop.halted ? "Halted by the emergency brake" : "Stopped";
  return `${how} since ${day(stop.since)}: ${stop.reason}.`;
}
