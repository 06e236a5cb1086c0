// What a page says of a link to a file, for `app/browser/live.ts`.
import type { Channel, File, Release } from "../../api";

/** Attributes of the link: from which channels the file is to be had, and on which it is the newest for everybody. */
export function linkMarks(release: Release, file: File, channels: readonly Channel[]): Record<string, string> {
  const its = release.channels.filter(({ targets }) => targets.includes(file.target)).map(({ channel }) => channel);
  const newest = channels.filter(({ newest: all }) =>
    all.some(({ target, version }) => target === file.target && version === release.version),
  );
  return {
    "data-file": `${release.version}/${file.target}/${file.bundle}`,
    "data-channels": its.join(" "),
    "data-newest": newest.map(({ channel }) => channel).join(" "),
  };
}
