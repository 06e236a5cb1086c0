// A day in words, as 23 November 2026; what machines read stands beside it.
const WORDS = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });

export function Day({ at }: { at: string }) {
  return <time dateTime={at}>{WORDS.format(new Date(at))}</time>;
}
