// Records how a page moved, so that the minute before an error can be seen; loaded only after the visitor agreed, once
// report.ts began. Nothing leaves the browser without an error.
import { getClient, replayIntegration } from "@sentry/browser";

import { unasked } from "../parts/errors/nameless";

// What people write, or what they searched for, is nobody's business: no page with a form or a query is recorded.
const isPlain = document.forms.length === 0 && location.search === "";
const client = getClient();

if (client && isPlain) {
  client.addEventProcessor((event) =>
    event.type === "replay_event"
      ? { ...event, user: {}, request: { url: unasked(location.href) }, urls: [location.origin + location.pathname] }
      : event,
  );
  client.addIntegration(
    replayIntegration({
      maskAllText: true,
      maskAllInputs: true,
      blockAllMedia: true,
      maskAttributes: ["title", "placeholder", "aria-label", "alt", "href", "value"],
      useCompression: false, // its worker comes from a blob: address, which our policy forbids
      stickySession: false, // keeps nothing in the browser
    }),
  );
}
