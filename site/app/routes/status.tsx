// How the parts of the service are: measured from outside, read from an object beside the pages, whatever the service does.
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";

import type { Channels } from "../api";
import { channels, content, history, product, releases } from "../data";
import { useAsked, useNow } from "../parts/asked";
import { duration, moment } from "../parts/charts/axis";
import { DayRows, Days } from "../parts/charts/days";
import { Response } from "../parts/charts/response";
import { type Removal, removals } from "../parts/charts/rollouts";
import { type Component, days, errors, isSeen, isStale, rate, type Seen, type State, stateNow } from "../parts/charts/seen";
import { Guard } from "../parts/errors/trouble";
import { Note } from "../parts/note";
import { Page, Section } from "../parts/page";
import { seo } from "../parts/seo";
import { Table } from "../parts/table";
import { Tag, type Tone } from "../parts/tag";
import { written } from "../written";
import type { Route } from "./+types/status";

export function loader() {
  const { updates, built } = product();
  const incidents = content()
    .filter(({ kind }) => kind === "incidents")
    .map((each) => ({ ...each, text: renderToStaticMarkup(createElement(written(each.path).default)) }));
  const withdrawn = releases().filter(({ withdrawals }) => withdrawals.length);
  const stopped = history().filter(({ reason }) => reason === "stopped");
  return { updates, built, incidents, withdrawn, stopped, channels: channels() };
}

export const meta = (args: Route.MetaArgs) =>
  seo(args, {
    title: "Status",
    description: "Whether update checks, downloads and this site work now, how they did in the last 90 days, and what went wrong.",
  });

const KEPT = "/status/status.json";
const PARTS: Record<string, [name: string, about: string]> = {
  updates: ["Update checks", "An update check, and the signed statement that it was answered from."],
  manifests: ["Fallback for update checks", "A file that says which version is next, for when the update service does not answer."],
  downloads: ["Downloads", "Whether a file that everybody may have can be got, whole."],
  site: ["Web site", "This site."],
};
const STATES: Record<State, [word: string, tone: Tone]> = {
  good: ["works", "good"],
  partly: ["works in part", "warn"],
  bad: ["trouble", "bad"],
  unknown: ["no data", "plain"],
};

const isChannels = (value: unknown): value is Channels => Array.isArray((value as Partial<Channels> | null)?.channels);

export default function Status({ loaderData }: Route.ComponentProps) {
  const { updates, built, incidents, withdrawn, stopped } = loaderData;
  const seen = useAsked<Seen | null>([KEPT], isSeen, null);
  const standing = useAsked([`${updates}/v1/channels`], isChannels, { product: "", environment: "", channels: loaderData.channels });
  const now = useNow(built);
  const components = ordered(seen.value?.components ?? []);
  return (
    <Page title="Status" lede={summary(components, now)} aside={<Checked seen={seen.value} now={now} />}>
      <div className={seen.value || seen.failed ? undefined : "awaited"}>
        <Doubt seen={seen.value} failed={seen.failed} now={now} built={built} />
        {components.map((each) => (
          <Guard key={each.component} name={named(each.component)}>
            <Part component={each} now={now} />
          </Guard>
        ))}
      </div>
      <Section title="Channels" id="channels">
        <p className="eyebrow">
          {standing.at ? `As of ${moment(standing.at)}.` : `As of ${moment(Date.parse(built))}, when this page was built.`}
          {standing.failed && " The update service does not answer now."}
        </p>
        <ul className="grid gap-2">
          {standing.value.channels.map(({ channel, stops }) => (
            <li key={channel}>
              <strong>{channel}</strong>{" "}
              {stops.length === 0 && <Tag tone="good">open</Tag>}
              {stops.length > 0 && <Tag tone="bad">{stops.some(({ versions }) => versions === null) ? "stopped" : "stopped in part"}</Tag>}
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Incidents" id="incidents">
        {incidents.length === 0 && <p>No incident is on record.</p>}
        {[...incidents].sort((one, other) => (other.began ?? "").localeCompare(one.began ?? "")).map((each) => (
          <article key={each.path} className="mt-6">
            <h3>{each.title} <Tag tone={each.ended ? "plain" : "bad"}>{each.ended ? "over" : "goes on"}</Tag></h3>
            <p className="eyebrow">{spell(Date.parse(each.began ?? ""), each.ended ? Date.parse(each.ended) : null)} · {(each.components ?? []).map(named).join(", ")}</p>
            <div className="prose" dangerouslySetInnerHTML={{ __html: each.text }} />
          </article>
        ))}
      </Section>
      <Section title="Withdrawn, stopped and halted" id="removed">
        <Removed all={removals(stopped, standing.value.channels, withdrawn)} />
      </Section>
    </Page>
  );
}

function Checked({ seen, now }: { seen: Seen | null; now: number }) {
  return seen && <p className="eyebrow" role="status">Looked {duration(now - Date.parse(seen.at))} ago</p>;
}

// Why this page may not know, in words.
function Doubt({ seen, failed, now, built }: { seen: Seen | null; failed: boolean; now: number; built: string }) {
  if (seen && isStale(seen.at, now)) {
    return (
      <Note tone="warn" title="This page does not know how things are now">
        <p>The last look was at {moment(Date.parse(seen.at))}, more than 30 minutes ago.</p>
      </Note>
    );
  }
  if (seen) return null;
  return (
    <Note tone={failed ? "warn" : "plain"} title={failed ? "The measurements cannot be read now" : "Measurements are read in the browser"}>
      <p>
        Without them, this page knows what was true when it was built, at {moment(Date.parse(built))}. They are
        in <a href={KEPT}>status.json</a>.
      </p>
    </Note>
  );
}

function Part({ component, now }: { component: Component; now: number }) {
  const [name, about] = PARTS[component.component] ?? [component.component, ""];
  const [word, tone] = STATES[stateNow(component, now)];
  const all = days(component.days, now);
  const { last, recent, hours } = component;
  return (
    <section className="section" aria-labelledby={component.component}>
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h2 id={component.component}>{name}</h2>
        <Tag tone={tone}>{word}</Tag>
      </div>
      <p className="mb-4">
        {about} {last.good ? "Good" : `Not good (${last.said})`} {spoken(last.since, last.at, now)}.
      </p>
      <Days days={all} name={name} />
      <p className="days-ends" aria-hidden="true"><span>90 days ago</span><span>today</span></p>
      <div className="grid gap-x-10 gap-y-4 mt-5 md:grid-cols-[minmax(0,1fr)_18rem]">
        <div>
          <h3 className="figures-title">Response time, 24 hours</h3>
          <Response tier={recent} now={now} name={name} />
        </div>
        <dl className="figures">
          <dt>Errors, 24 hours</dt><dd>{rate(errors(recent.slots, since(now, 24, recent.span)))}</dd>
          <dt>Errors, 7 days</dt><dd>{rate(errors(hours.slots, since(now, 168, hours.span)))}</dd>
          <dt>Errors, 90 days</dt><dd>{rate(errors(component.days.slots))}</dd>
          <dt>Last response</dt><dd>{last.milliseconds} ms</dd>
        </dl>
      </div>
      <details className="mt-3">
        <summary>Each day in numbers</summary>
        <Table
          caption={`${name}, day by day in UTC; times in ms, of good looks`}
          head={["Day", "State", ["Looks", "number"], ["Errors", "number"], ["Median", "number"], ["95 of 100 within", "number"]]}
        >
          <DayRows days={all} />
        </Table>
      </details>
    </section>
  );
}

function Removed({ all }: { all: Removal[] }) {
  if (all.length === 0) return <p>Nothing is withdrawn, stopped or halted.</p>;
  return (
    <Table caption="What is or was offered to nobody, the newest first, in UTC" head={["When", "Channel", "Version", "What", "Why"]}>
      {all.map((each) => (
        <tr key={`${each.channel} ${each.version} ${each.at} ${each.kind}`}>
          <td>{spell(each.at, each.until)}</td>
          <td>{each.channel}</td>
          <th scope="row" className="mono">{each.version ?? "all"}</th>
          <td><Tag tone={each.until ? "plain" : "bad"}>{each.kind}</Tag></td>
          <td>{each.reason ?? "–"}</td>
        </tr>
      ))}
    </Table>
  );
}

const since = (now: number, hours: number, span: number) => Math.floor((now / 1000 - hours * 3600) / span) + 1;
const named = (component: string) => PARTS[component]?.[0] ?? component;
const spoken = (since: string, at: string, now: number) =>
  isStale(at, now) ? `when last looked at, ${moment(Date.parse(at))}` : `since ${moment(Date.parse(since))}`;
const spell = (from: number, until: number | null) =>
  until === null ? `since ${moment(from)}` : `${moment(from)}, for ${duration(until - from)}`;

function ordered(components: Component[]): Component[] {
  const order = Object.keys(PARTS);
  return [...components].sort((one, other) => order.indexOf(one.component) - order.indexOf(other.component));
}

function summary(components: Component[], now: number): string {
  const states = components.map((each) => stateNow(each, now));
  const bad = components.filter((_, number) => states[number] === "bad");
  if (bad.length) return `Trouble: ${bad.map(({ component }) => named(component)).join(", ")}.`;
  if (states.length && states.every((each) => each === "good")) return "Everything works.";
  return "Update checks, downloads and this site, each looked at from outside as a visitor or an installation would.";
}
