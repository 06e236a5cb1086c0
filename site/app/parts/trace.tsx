// A plot of simulated traces, with its axes, graticule, legend and cursors. The drawing stretches to its place; strokes and
// letters keep their size, so that it is legible from 320 px on.
//   <Trace of={simulated} label="Figure 2" caption="…" cursors={[12e-6]} sweep />
// of: what ./inv site simulate wrote; label: the figure's number; caption: what is to be seen; cursors: places on the x axis where
// every trace is read out; sweep: draw it once from start to end (never where motion is to be reduced).
import type { ReactNode } from "react";

import type { Simulated } from "../circuits";
import { decades, engineering, linear, type Scale } from "./scale";

interface Props {
  of: Simulated;
  label?: string;
  caption?: ReactNode;
  cursors?: readonly number[];
  sweep?: boolean;
}

const WIDTH = 1000;
const HEIGHT = 600;

export function Trace({ of, label, caption, cursors = [], sweep = false }: Props) {
  const points = of.series.flatMap((each) => each.points);
  const xs = points.map(([x]) => x);
  const x = of.x.log ? decades(xs) : linear(xs, 8);
  const y = linear(points.map((point) => point[1]), 6);
  const names = [...new Map(of.series.map((each) => [each.name, each])).values()];
  const many = of.series.length > 12;
  return (
    <figure className={sweep ? "trace sweep" : "trace"}>
      <div className="trace-plot">
        <Marks className="trace-y" values={[...y.ticks].reverse()} unit={of.y.unit} />
        <div className="trace-screen">
          <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={spoken(of, x, y)}>
            <path className="trace-grid" d={graticule(x, y)} />
            <g className="trace-lines">
              {of.series.map((each, index) => (
                <g key={index} className={`channel-${each.channel}`}>
                  <path className={many ? "trace-line many" : "trace-line"} d={line(each.points, x, y)} />
                </g>
              ))}
            </g>
            {cursors.map((at) => (
              <g key={at}>
                <path className="trace-cursor" d={`M${across(at, x)} 0V${HEIGHT}`} />
                {of.series.map((each, index) => (
                  <g key={index} className={`channel-${each.channel}`}>
                    <path className="trace-dot" d={`M${across(at, x)} ${down(read(each.points, at), y)}h0`} />
                  </g>
                ))}
              </g>
            ))}
          </svg>
        </div>
        <Marks className="trace-x" values={x.ticks} unit={of.x.unit} />
      </div>
      <p className="trace-legend">
        {names.map((each) => <span key={each.name} className={`channel-${each.channel}`}>{each.name}</span>)}
        {cursors.map((at) => <Readout key={at} of={of} at={at} names={names} />)}
      </p>
      {(label ?? caption) && (
        <figcaption>
          {label && <span className="figure-number">{label}</span>}
          {caption}
        </figcaption>
      )}
    </figure>
  );
}

// Every other mark where they would stand too close on a small screen.
function Marks({ className, values, unit }: { className: string; values: number[]; unit: string }) {
  const every = className === "trace-x" && values.length > 6 && values.length % 2 === 1 ? 2 : 1;
  return (
    <div className={className} aria-hidden="true">
      {values.map((value, index) => (
        <span key={value}>{index % every === 0 && <span>{engineering(value, unit)}</span>}</span>
      ))}
    </div>
  );
}

function Readout({ of, at, names }: { of: Simulated; at: number; names: Simulated["series"] }) {
  const values = names.map(({ name, points }) => `${name} = ${engineering(read(points, at), of.y.unit)}`).join(", ");
  return <span>{`at ${engineering(at, of.x.unit)}: ${values}`}</span>;
}

function spoken(of: Simulated, x: Scale, y: Scale): string {
  const span = (scale: Scale, unit: string) => `${engineering(scale.from, unit)} to ${engineering(scale.to, unit)}`;
  return `${of.title}. ${of.y.quantity}, ${span(y, of.y.unit)}, over ${of.x.quantity}, ${span(x, of.x.unit)}.`;
}

const across = (value: number, x: Scale) => Math.round(x.place(value) * WIDTH);
const down = (value: number, y: Scale) => Math.round((1 - y.place(value)) * HEIGHT);

function graticule(x: Scale, y: Scale): string {
  const upright = [...x.ticks.slice(1, -1), ...x.minor].map((value) => `M${across(value, x)} 0V${HEIGHT}`);
  return [...upright, ...y.ticks.slice(1, -1).map((value) => `M0 ${down(value, y)}H${WIDTH}`)].join("");
}

// In steps from point to point, which take fewer letters than places.
export function line(points: readonly [x: number, y: number][], x: Scale, y: Scale): string {
  const places = points.map((point) => [across(point[0], x), down(point[1], y)] as const);
  const steps = places.map(([left, top], index) => {
    const before = places[index - 1];
    return before ? `${left - before[0]} ${top - before[1]}` : `M${left} ${top}l`;
  });
  return steps.join(" ").replace("l ", "l").replaceAll(" -", "-");
}

// Between two points, on the line that joins them.
export function read(points: readonly [x: number, y: number][], at: number): number {
  const after = points.findIndex(([x]) => x >= at);
  const [end, start] = [points[after], points[after - 1]];
  if (!end || !start) return (end ?? points[points.length - 1] ?? [0, 0])[1];
  return start[1] + ((end[1] - start[1]) * (at - start[0])) / (end[0] - start[0] || 1);
}
