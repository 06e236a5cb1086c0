// 90 days as 90 bars, each as full as the share of looks that were good.
//   <Days days={days} name="Update checks" />
import "./charts.css";
import { day, percent } from "./axis";
import { type Day, errors, rate } from "./seen";

const TALL = 32;
const WORDS = { good: "everything good", partly: "partly good", bad: "mostly bad", unknown: "no data" } as const;

export function Days({ days, name }: { days: Day[]; name: string }) {
  const known = days.filter(({ looks }) => looks > 0);
  const label = `${name}, the last ${days.length} days: data of ${known.length} days, ${known.filter(({ state }) => state !== "good").length} with trouble.`;
  return (
    <svg className="days" role="img" aria-label={label} height={TALL}>
      {days.map((each, number) => (
        <Bar key={each.at} day={each} x={percent(number / days.length)} width={percent(0.72 / days.length)} />
      ))}
    </svg>
  );
}

function Bar({ day: each, x, width }: { day: Day; x: string; width: string }) {
  const bad = each.looks ? Math.max(each.good < each.looks ? 4 : 0, Math.round(TALL * (1 - each.good / each.looks))) : 0;
  return (
    <g>
      <title>{told(each)}</title>
      <rect className={each.looks ? "day-good" : "day-unknown"} x={x} width={width} y={each.looks ? 0 : TALL - 3} height={each.looks ? TALL - bad : 3} />
      {bad > 0 && <rect className={`day-${each.state}`} x={x} width={width} y={TALL - bad} height={bad} />}
    </g>
  );
}

const told = (each: Day) =>
  each.looks ? `${day(each.at)}: ${WORDS[each.state]}, ${each.good} of ${each.looks} looks good` : `${day(each.at)}: no data`;

// The same as rows of a table, the newest first.
export function DayRows({ days }: { days: Day[] }) {
  return [...days].reverse().map((each) => (
    <tr key={each.at}>
      <th scope="row">{day(each.at)}</th>
      <td>{WORDS[each.state]}</td>
      <td className="number">{each.looks}</td>
      <td className="number">{rate(errors([[0, each.looks, each.good, null, null]]))}</td>
      <td className="number">{each.p50 ?? "–"}</td>
      <td className="number">{each.p95 ?? "–"}</td>
    </tr>
  ));
}
