// What a hydrated page asks again while somebody looks at it: what the build knew, until something newer came.
import { useEffect, useState } from "react";

const EVERY = 30_000; // ms
const PATIENCE = 8_000;

export interface Asked<T> {
  value: T;
  at: number | null; // when it came, in ms; null: the build knew it
  failed: boolean; // nobody answered the last time
}

// The first of these addresses that gives what `is` believes; they are asked in order, again every 30 s while visible.
export function useAsked<T>(urls: readonly string[], is: (value: unknown) => value is T, known: T): Asked<T> {
  const [asked, tell] = useState<Asked<T>>({ value: known, at: null, failed: false });
  const key = urls.join(" ");
  useEffect(() => {
    const leaving = new AbortController();
    const ask = async () => {
      if (document.hidden) return;
      const value = await first(key.split(" "), is, leaving.signal);
      if (leaving.signal.aborted) return;
      tell((before) => (value === null ? { ...before, failed: true } : { value, at: Date.now(), failed: false }));
    };
    const again = () => void ask();
    again();
    const timer = setInterval(again, EVERY);
    document.addEventListener("visibilitychange", again);
    return () => {
      leaving.abort();
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, [key, is]);
  return asked;
}

// What the first address says that answers so; null where none does.
export async function first<T>(urls: readonly string[], is: (value: unknown) => value is T, leaving: AbortSignal): Promise<T | null> {
  for (const url of urls) {
    try {
      const reply = await fetch(url, { signal: AbortSignal.any([leaving, AbortSignal.timeout(PATIENCE)]) });
      const value: unknown = reply.ok ? await reply.json() : null;
      if (is(value)) return value;
    } catch {
      // the next one, then
    }
  }
  return null;
}

// The moment that a page counts from: the build's own, until it runs in a browser; then every 30 s anew.
export function useNow(built: string): number {
  const [now, tick] = useState(Date.parse(built));
  useEffect(() => {
    const again = () => tick(Date.now());
    again();
    const timer = setInterval(again, EVERY);
    return () => clearInterval(timer);
  }, []);
  return now;
}
