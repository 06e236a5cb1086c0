// How long an open page waits before it asks again, in milliseconds.

const USUAL = 30_000; // as long as an answer may be kept
const MOST = 240_000;

/** After so many rounds in a row without any answer; `chance` (0 to 1) keeps pages from asking all at once. */
export function wait(failures: number, chance: number): number {
  const slowed = Math.min(USUAL * 2 ** failures, MOST);
  return slowed * (0.85 + 0.15 * chance);
}
