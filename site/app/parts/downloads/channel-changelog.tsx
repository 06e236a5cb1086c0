// The versions of one channel in short: what it says of each, and when.
import type { Release } from "../../api";
import { Table } from "../table";
import { day } from "./figures";
import { StandingLine } from "./standing-line";

export function ChannelChangelog({ channel, releases }: { channel: string; releases: readonly Release[] }) {
  return (
    <Table caption={`Versions on ${channel}`} head={["Version", "Built", "Where it stands", "What is new"]}>
      {releases.flatMap(({ version, published, notes, channels }) => {
        const standing = channels.find((each) => each.channel === channel);
        return standing ? (
          <tr key={version}>
            <th scope="row"><a href={`/releases/${version}/`}>{version}</a></th>
            <td className="whitespace-nowrap">{day(published)}</td>
            <td><StandingLine standing={standing} /></td>
            <td>{notes.split("\n", 1)[0]}</td>
          </tr>
        ) : [];
      })}
    </Table>
  );
}
