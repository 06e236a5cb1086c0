// The public history of rollouts, and what comes next: drawn at build time, and again in the browser as it changes.
import type { Channels, History } from "../api";
import { channels, history, product } from "../data";
import { useAsked, useNow } from "../parts/asked";
import { moment } from "../parts/charts/axis";
import { Lanes, Signs } from "../parts/charts/lanes";
import { type Happening, share, type Timeline, timelines, told } from "../parts/charts/rollouts";
import { Guard } from "../parts/errors/trouble";
import { Note } from "../parts/note";
import { Page, Section } from "../parts/page";
import { seo } from "../parts/seo";
import { Table } from "../parts/table";
import type { Route } from "./+types/roadmap";

export function loader() {
  const { updates, downloads, built } = product();
  return { updates, downloads, built, history: history(), channels: channels() };
}

export const meta = (args: Route.MetaArgs) =>
  seo(args, {
    title: "Roadmap of rollouts",
    description: "Which version was offered to how many installations, when, on each channel, and which step comes next.",
  });

const SHOWN = 100; // rows; the feed has them all
const TONES = [1, 2, 3, 4] as const;
const ABOUT: Record<string, string> = {
  stable: "What most people use. A version comes here after testers had it.",
  beta: "For testers: versions before they reach everybody.",
};

const isHistory = (value: unknown): value is History => Array.isArray((value as Partial<History> | null)?.releases);
const isChannels = (value: unknown): value is Channels => Array.isArray((value as Partial<Channels> | null)?.channels);

export default function Roadmap({ loaderData }: Route.ComponentProps) {
  const { updates, downloads, built } = loaderData;
  const known = { product: "", environment: "" };
  const passages = useAsked([`${updates}/v1/history?limit=2000`, `${downloads}/v1/history.json`], isHistory, { ...known, releases: loaderData.history });
  const standing = useAsked([`${updates}/v1/channels`], isChannels, { ...known, channels: loaderData.channels });
  const now = useNow(built);
  const lines = timelines(passages.value.releases, standing.value.channels, now).sort(stableFirst);
  const happened = told(passages.value.releases);
  return (
    <Page
      title="Roadmap of rollouts"
      lede="A version does not reach everybody at once. Each line is one version, as high as the share of installations that are offered it; every change of it was a reviewed commit."
    >
      <p className="eyebrow" role="status">
        {standing.at ? `As of ${moment(standing.at)}, kept current.` : `As of ${moment(Date.parse(built))}, when this page was built.`}
        {standing.failed && " The update service does not answer; what stands here may be older."}
      </p>
      <Signs />
      {lines.map((timeline, number) => (
        <Section key={timeline.channel} title={timeline.channel} id={timeline.channel}>
          <p className="mb-4">{ABOUT[timeline.channel]}</p>
          <Guard name="The chart">
            {timeline.lanes.length ? <Lanes timeline={timeline} tone={TONES[number % TONES.length] ?? 1} /> : <p>Nothing was offered here yet.</p>}
          </Guard>
          <Next timeline={timeline} />
        </Section>
      ))}
      <Section title="Every step" id="steps">
        <Table caption={caption(happened)} head={["When", "Channel", "Version", "What"]}>
          {happened.slice(0, SHOWN).map((each) => (
            <tr key={each.key}>
              <td className="whitespace-nowrap"><time dateTime={new Date(each.at).toISOString()}>{moment(each.at)}</time></td>
              <td>{each.channel}</td>
              <th scope="row" className="mono"><a href={`/releases/${each.version}/`}>{each.version}</a></th>
              <td>{each.what}</td>
            </tr>
          ))}
        </Table>
        <p className="mt-4">
          For programs: <a href={`${downloads}/v1/history.json`}>the whole history as JSON</a>, and{" "}
          <a href={`${updates}/v1/channels`}>the channels as they stand</a>.
        </p>
      </Section>
    </Page>
  );
}

function Next({ timeline: { lanes, channel } }: { timeline: Timeline }) {
  const planned = lanes.flatMap(({ version, planned: next }) => (next ? [{ version, ...next }] : []));
  if (planned.length === 0) return <p className="mt-3">No step is planned on {channel}.</p>;
  return (
    <div className="mt-4">
      <Note title="Next">
        <ul>
          {planned.map(({ version, at, share: part, gate }) => (
            <li key={version}>
              {version} to {share(part)}: {moment(at)}
              {gate && " at the earliest, once its checks have passed"}.
            </li>
          ))}
        </ul>
      </Note>
    </div>
  );
}

const caption = (all: Happening[]) =>
  all.length > SHOWN ? `The newest ${SHOWN} of ${all.length} changes, in UTC` : "Every change, the newest first, in UTC";
const stableFirst = (one: Timeline, other: Timeline) =>
  Number(other.channel === "stable") - Number(one.channel === "stable") || one.channel.localeCompare(other.channel);
