import type { Release as Version } from "../api";
import { channels, product, releases } from "../data";
import { BrowserScript } from "../parts/browser-script";
import { filesFor } from "../parts/downloads/bundle-order";
import { day } from "../parts/downloads/figures";
import { FileRow } from "../parts/downloads/file-row";
import { linkMarks } from "../parts/downloads/link-marks";
import { LivePage } from "../parts/downloads/live-page";
import { Notes } from "../parts/downloads/notes";
import { filesToBeHad } from "../parts/downloads/offers";
import { requirement } from "../parts/downloads/requirements";
import { Standings } from "../parts/downloads/version-list";
import { Note } from "../parts/note";
import { Page, Section } from "../parts/page";
import { seo } from "../parts/seo";
import type { Route } from "./+types/release";

export const handle = { static: true };

export const meta = (args: Route.MetaArgs) =>
  seo(args, {
    title: `ESpice ${args.params.version}`,
    description: `What is new in ESpice ${args.params.version}, where it stands, and its files with their checksums.`,
    trail: [["/releases/", "Releases"]],
  });

export function loader({ params }: Route.LoaderArgs) {
  const all = releases();
  const at = all.findIndex(({ version }) => version === params.version);
  const release = all[at];
  if (!release) throw new Response("no release has this version", { status: 404 });
  const [after, before] = [all[at - 1]?.version, all[at + 1]?.version];
  return { product: product(), channels: channels(), release, before, after };
}

export default function Release({ loaderData }: Route.ComponentProps) {
  const { product, channels, release, before, after } = loaderData;
  return (
    <Page
      title={`${product.title} ${release.version}`}
      lede={`Built on ${day(release.published)}.`}
      eyebrow={<a href="/releases/">Releases</a>}
    >
      <LivePage product={product} releases={[release]}>
        <div className="grid gap-6" data-release={release.version}>
          <Withdrawals release={release} />
          <Standings release={release} />
        </div>
        <Section title="What is new" id="new">
          <Notes text={release.notes} below={2} />
        </Section>
        <Section title="Files" id="files">
          <Files product={product} channels={channels} release={release} />
        </Section>
        <nav className="neighbours" aria-label="Versions before and after">
          {before ? <a href={`/releases/${before}/`} rel="prev">Before: {before}</a> : <span>The first version here</span>}
          {after ? <a href={`/releases/${after}/`} rel="next">After: {after}</a> : <span>The newest version here</span>}
        </nav>
      </LivePage>
      <BrowserScript name="copy" />
    </Page>
  );
}

function Files({ product, channels, release }: Pick<Route.ComponentProps["loaderData"], "product" | "channels" | "release">) {
  if (release.files.length === 0) return <p>{noFiles(release)}</p>;
  const offered = filesToBeHad(release);
  const targets = Object.entries(product.targets).filter(([target]) => release.files.some((each) => each.target === target));
  return (
    <>
      {offered.length === 0 && <p>This version is not offered. Its files are listed for those who have one already.</p>}
      <div className="offers">
        {targets.map(([target, { title }]) => (
          <article key={target} className="offer">
            <h3>{title}</h3>
            <div className="files">
              {filesFor(product, release, target).map((file) => (
                <FileRow key={file.bundle} file={file} isOffered={offered.includes(file)} link={linkMarks(release, file, channels)} />
              ))}
            </div>
            <p className="small-print">{requirement(target, release.minimum_os)}</p>
          </article>
        ))}
      </div>
    </>
  );
}

function Withdrawals({ release }: { release: Version }) {
  return release.withdrawals.map(({ channels, at, reason, instead }) => (
    <Note key={at + channels.join()} tone="bad" title={`Withdrawn from ${channels.join(" and ")} on ${day(at)}`}>
      <p>{reason.charAt(0).toUpperCase() + reason.slice(1)}.</p>
      {instead && <p>Offered instead: <a href={`/releases/${instead}/`}>{instead}</a>.</p>}
    </Note>
  ));
}

function noFiles({ downloads, channels }: Version): string {
  if (downloads === "gone") return "Its files were removed: they do harm. Who has one should delete it.";
  if (downloads === "hide") return "Its files are not offered any more.";
  return channels.some(({ state }) => state === "stopped") ? "Its files are not offered while it is stopped." : "Its files are not offered yet.";
}
