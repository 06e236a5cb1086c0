import { describe, expect, it } from "vitest";

import { problem } from "./trouble";

describe("a problem", () => {
  it("is reported with where it happened and what kind of error it was, and nothing that it said", () => {
    const url = new URL(problem("espice/delivery", "/status/", new TypeError("of someone@example.org")));
    expect(url.origin + url.pathname).toBe("https://github.com/espice/delivery/issues/new");
    expect(Object.fromEntries(url.searchParams)).toEqual({ template: "bug.yml", title: "TypeError on the site: /status/" });
  });

  it("goes to the feedback page where nobody knows whose it is", () => {
    expect(problem(undefined, "/status/", "thrown")).toBe("/feedback/");
  });
});
