// A channel's rollouts as a logic analyser shows signals: a line a version, as high as its share of the installations.
//   <Lanes timeline={timeline} tone={1} />
// The drawing is stretched to its place; letters, strokes and marks are not. Everything in it is also in the page's table.
import { along, moment, percent, type Span, ticks } from "./axis";
import "./charts.css";
import { type Lane, type Mark, share, type Timeline } from "./rollouts";

const WIDTH = 1000;
const HEIGHT = 100;
const [TOP, BOTTOM] = [10, 90];
const high = (part: number) => BOTTOM - (BOTTOM - TOP) * part;

export function Lanes({ timeline, tone }: { timeline: Timeline; tone: 1 | 2 | 3 | 4 }) {
  const { span, lanes, now } = timeline;
  const marks = ticks(span, 4);
  return (
    <div className={`lanes channel-${tone}`}>
      {lanes.map((lane) => (
        <div className="lane" key={lane.version}>
          <p className="lane-name">
            <a href={`/releases/${lane.version}/`}>{lane.version}</a> <span>{standing(lane)}</span>
          </p>
          <svg className="lane-plot" role="img" aria-label={`${lane.version}: ${said(lane)}`}>
            {marks.map(({ at }) => (
              <line key={at} className="chart-grid" x1={x(span, at)} x2={x(span, at)} y1="0" y2="100%" />
            ))}
            <line className="chart-axis" x1="0" x2="100%" y1={`${BOTTOM}%`} y2={`${BOTTOM}%`} />
            <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" width="100%" height="100%">
              <path className="lane-area" d={area(lane, span)} />
              <path className="lane-line" d={line(lane, span)} />
              {lane.planned && <path className="lane-planned" d={plan(lane, span, now)} />}
            </svg>
            <line className="chart-now" x1={x(span, now)} x2={x(span, now)} y1="0" y2="100%" />
            {lane.marks.map((mark) => <Sign key={`${mark.kind} ${mark.at}`} mark={mark} span={span} />)}
          </svg>
        </div>
      ))}
      <svg className="chart-times" aria-hidden="true">
        {marks.map(({ at, label }) => (
          <text key={at} x={x(span, at)} y="1.1em" textAnchor={anchor(along(span, at))}>{label}</text>
        ))}
      </svg>
    </div>
  );
}

// What the signs in the drawing mean.
export function Signs() {
  return (
    <ul className="signs">
      {(["held", "resumed", "stopped", "withdrawn"] as const).map((kind) => (
        <li key={kind}>
          <svg aria-hidden="true" viewBox="-8 -8 16 16"><path className={`sign ${kind}`} d={SIGNS[kind]} /></svg> {kind}
        </li>
      ))}
      <li><svg aria-hidden="true" viewBox="0 -8 24 16"><path className="lane-planned" d="M0 0H24" /></svg> planned</li>
      <li><svg aria-hidden="true" viewBox="-8 -8 16 16"><path className="chart-now" d="M0 -8V8" /></svg> now</li>
    </ul>
  );
}

const SIGNS: Record<Mark["kind"], string> = {
  held: "M-3 -6V6M3 -6V6",
  resumed: "M-4 -6L5 0L-4 6Z",
  stopped: "M-5 -5H5V5H-5Z",
  withdrawn: "M-5 -5L5 5M5 -5L-5 5",
};

function Sign({ mark, span }: { mark: Mark; span: Span }) {
  return (
    <svg className="sign-place" x={x(span, mark.at)} y={`${high(mark.share)}%`}>
      <circle className="sign-ground" r="9" />
      <path className={`sign ${mark.kind}`} d={SIGNS[mark.kind]} />
      <title>{`${mark.kind} at ${share(mark.share)}, ${moment(mark.at)}`}</title>
    </svg>
  );
}

const x = (span: Span, at: number) => percent(along(span, at));
const anchor = (part: number) => (part < 0.06 ? "start" : part > 0.94 ? "end" : "middle");
const place = (span: Span, at: number, part: number) => `${Math.round(along(span, at) * WIDTH * 10) / 10} ${high(part)}`;

const line = ({ points }: Lane, span: Span) => points.map(({ at, share }, number) => `${number ? "L" : "M"}${place(span, at, share)}`).join("");

function area(lane: Lane, span: Span): string {
  const [first, last] = [lane.points[0], lane.points.at(-1)];
  if (!first || !last) return "";
  return `${line(lane, span)}L${place(span, last.at, 0)}L${place(span, first.at, 0)}Z`;
}

function plan({ planned, now: share }: Lane, span: Span, now: number): string {
  if (!planned) return "";
  const to = place(span, planned.at, planned.share);
  return `M${place(span, now, share)}L${place(span, planned.at, share)}L${to}L${place(span, span.until, planned.share)}`;
}

function standing({ now, marks }: Lane): string {
  const last = marks.at(-1)?.kind;
  if (last === "withdrawn" || last === "stopped") return now > 0 ? share(now) : last;
  return last === "held" ? `held at ${share(now)}` : share(now);
}

function said(lane: Lane): string {
  const next = lane.planned ? `; ${share(lane.planned.share)} planned for ${moment(lane.planned.at)}` : "";
  return `${standing(lane)} of installations now${next}. The table has every step.`;
}
