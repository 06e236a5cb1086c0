import type { ErrorEvent } from "@sentry/browser";
import { describe, expect, it } from "vitest";

import { nameless, unasked } from "./nameless";

const EVENT: ErrorEvent = {
  type: undefined,
  event_id: "e1",
  release: "c0ffee",
  user: { ip_address: "192.0.2.7", email: "someone@example.org" },
  request: { url: "https://espice.app/search/?q=secret#x", headers: { "User-Agent": "Firefox" }, cookies: { a: "b" } },
  breadcrumbs: [{ message: "typed secret" }],
  contexts: { culture: { locale: "de-AT", timezone: "Europe/Vienna" } },
  extra: { secret: 1 },
  tags: { secret: 1 },
  server_name: "secret",
  exception: {
    values: [{
      type: "TypeError",
      value: "cannot get https://espice.app/a?q=secret for someone@example.org",
      mechanism: { type: "generic", handled: false, data: { secret: "1" } },
      stacktrace: { frames: [{ filename: "https://espice.app/assets/a.js?secret", function: "f", lineno: 1, colno: 2, vars: { secret: "1" } }] },
    }],
  },
};

describe("what is told of an error", () => {
  it("is which code failed where, and nothing of whose it was", () => {
    const told = nameless(EVENT, "https://espice.app/search/?q=secret");
    expect(told).toEqual({
      type: undefined,
      event_id: "e1",
      release: "c0ffee",
      request: { url: "https://espice.app/search/" },
      exception: {
        values: [{
          type: "TypeError",
          value: "cannot get https://espice.app/a for …",
          mechanism: { type: "generic", handled: false },
          stacktrace: { frames: [{ filename: "https://espice.app/assets/a.js", function: "f", lineno: 1, colno: 2 }] },
        }],
      },
    });
    expect(JSON.stringify(told)).not.toMatch(/secret|192|example|Firefox|Vienna/);
  });

  it("keeps text in which nothing is personal", () => {
    expect(unasked("x is not a function")).toBe("x is not a function");
  });
});
