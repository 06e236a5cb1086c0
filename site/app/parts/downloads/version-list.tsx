// Versions, the highest first: what is new, where each stands, and what was withdrawn and why.
import type { Release } from "../../api";
import { Tag, type Tone } from "../tag";
import { day } from "./figures";
import { Notes } from "./notes";
import { filesToBeHad } from "./offers";
import { stateWord } from "./sentence";
import { StandingLine } from "./standing-line";

export function VersionList({ releases }: { releases: readonly Release[] }) {
  return (
    <ol className="versions">
      {releases.map((release) => (
        <li key={release.version} id={`v${release.version}`} data-release={release.version}>
          <div>
            <h3><a href={`/releases/${release.version}/`}>{release.version}</a></h3>
            <p className="small-print">
              Built <time dateTime={release.published}>{day(release.published)}</time>
            </p>
          </div>
          <div>
            <Notes text={release.notes} below={3} />
            <Standings release={release} />
            {filesToBeHad(release).length === 0 && <p className="small-print">Its files are not offered.</p>}
          </div>
        </li>
      ))}
    </ol>
  );
}

/** Where a version stands on each of its channels; a removal that came since the build is said beneath. */
export function Standings({ release }: { release: Release }) {
  return (
    <>
      <ul className="standings">
        {release.channels.map((standing) => (
          <li key={standing.channel}>
            <span className="channel">{standing.channel}</span>
            <Tag tone={tone(standing.state)}>{stateWord(standing.state)}</Tag>
            <span><StandingLine standing={standing} /></span>
          </li>
        ))}
      </ul>
      <p className="removals" data-removals hidden />
    </>
  );
}

function tone(state: Release["channels"][number]["state"]): Tone {
  if (state === "everyone") return "good";
  if (state === "stopped" || state === "withdrawn") return "bad";
  return state === "held" ? "warn" : "plain";
}
