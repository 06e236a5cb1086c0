// Where a version stands on a channel, as one sentence.
import type { Standing } from "../../api";
import { day } from "./figures";
import { sentence } from "./sentence";

export function StandingLine({ standing }: { standing: Standing }) {
  return (
    <>
      {sentence(standing)}
      {standing.next && (
        <>
          {" "}
          Next: {standing.next.percent} % on <time dateTime={standing.next.at}>{day(standing.next.at)}</time>
          {standing.next.gate ? " at the earliest, after a check." : "."}
        </>
      )}
    </>
  );
}
