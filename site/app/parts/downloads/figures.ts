// Sizes and dates as the download pages write them, the same in a build and in a browser.

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

/** Of bytes, by powers of ten: "241 kB", "62.4 MB". */
export function size(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1_000))} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** The day in UTC of an RFC 3339 time: "7 October 2026". */
export const day = (time: string): string => DAY.format(new Date(time));
