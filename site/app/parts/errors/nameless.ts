// What is told of an error, and nothing of whose it was: no address of a person, no cookie, no query, no browser's name.
import type { ErrorEvent } from "@sentry/browser";

// The event with only what says which code failed where.
export function nameless({ exception, ...event }: ErrorEvent, page: string): ErrorEvent {
  const replayId = event.tags?.["replayId"]; // where the visitor agreed to a recording, which one it is
  return {
    type: undefined,
    ...kept(event),
    ...(replayId !== undefined && { tags: { replayId } }),
    request: { url: unasked(page) },
    ...(exception && {
      exception: {
        values: (exception.values ?? []).map(({ type, value, mechanism, stacktrace }) => ({
          ...(type !== undefined && { type }),
          ...(value !== undefined && { value: unasked(value) }),
          ...(mechanism !== undefined && { mechanism: { type: mechanism.type, handled: mechanism.handled ?? false } }),
          ...(stacktrace && {
            stacktrace: {
              frames: (stacktrace.frames ?? []).map(({ filename, ...place }) => ({
                ...(filename !== undefined && { filename: unasked(filename) }),
                ...(place.function !== undefined && { function: place.function }),
                ...(place.lineno !== undefined && { lineno: place.lineno }),
                ...(place.colno !== undefined && { colno: place.colno }),
              })),
            },
          }),
        })),
      },
    }),
  };
}

const KEPT = ["event_id", "timestamp", "platform", "level", "release", "environment", "sdk"] as const;

function kept(event: Omit<ErrorEvent, "exception">): Partial<ErrorEvent> {
  return Object.fromEntries(KEPT.flatMap((key) => (event[key] === undefined ? [] : [[key, event[key]]])));
}

// Addresses without what was asked there, and nothing that looks like a mail address.
export function unasked(text: string): string {
  return text.replace(/(https?:\/\/[^\s?#"'<>]*)[?#][^\s"'<>]*/g, "$1").replace(/[^\s@"'<>]+@[^\s@"'<>]+/g, "…");
}
