// How long good answers took, over a day, as a trace: the median, and above it what 95 of 100 did not exceed.
//   <Response tier={component.recent} now={now} name="Update checks" />
// A gap in the line is time in which nobody looked, or nothing good came.
import { along, DAY, percent, type Span, ticks } from "./axis";
import "./charts.css";
import { ceiling, pieces, type Sample, type Tier } from "./seen";

const [WIDTH, HEIGHT] = [1000, 100];

export function Response({ tier, now, name }: { tier: Tier; now: number; name: string }) {
  const span = { from: now - DAY, until: now };
  const [median, most] = [pieces(tier, "p50", span), pieces(tier, "p95", span)];
  const highest = Math.max(...most.flat().map(({ milliseconds }) => milliseconds), 1);
  const top = ceiling(highest);
  const newest = median.at(-1)?.at(-1);
  const label = newest
    ? `${name}: response time over 24 hours, at most ${highest} ms; the last median is ${newest.milliseconds} ms.`
    : `${name}: no response times of the last 24 hours.`;
  return (
    <div className="response">
      <svg className="response-plot" role="img" aria-label={label}>
        {ticks(span, 5).map(({ at }) => (
          <line key={at} className="chart-grid" x1={percent(along(span, at))} x2={percent(along(span, at))} y1="0" y2="100%" />
        ))}
        {[0, 0.5, 1].map((each) => <line key={each} className="chart-grid" x1="0" x2="100%" y1={percent(each)} y2={percent(each)} />)}
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" width="100%" height="100%">
          <path className="response-most" d={drawn(most, span, top)} />
          <path className="response-median" d={drawn(median, span, top)} />
        </svg>
        <text className="chart-unit" x="6" y="1.2em">{top} ms</text>
      </svg>
      <svg className="chart-times" aria-hidden="true">
        {ticks(span, 4).map(({ at, label: text }) => (
          <text key={at} x={percent(along(span, at))} y="1.1em" textAnchor={along(span, at) < 0.06 ? "start" : along(span, at) > 0.94 ? "end" : "middle"}>{text}</text>
        ))}
      </svg>
    </div>
  );
}

// A piece of one sample is a dot: a stroke of no length with round ends.
function drawn(found: Sample[][], span: Span, top: number): string {
  const place = ({ at, milliseconds }: Sample) =>
    `${Math.round(along(span, at) * WIDTH * 10) / 10} ${Math.round((1 - milliseconds / top) * HEIGHT * 10) / 10}`;
  return found.map(([first, ...rest]) => (first ? `M${[first, ...(rest.length ? rest : [first])].map(place).join("L")}` : "")).join("");
}
