import { expect, test } from "vitest";

import document from "../../docs/openapi.json";
import { api, curl, type } from "./openapi";

const HOST = "https://updates.espice.app";
const shown = api(document, HOST);

test("every path that can be asked has its operation, under a tag", () => {
  const paths = Object.entries(document.paths).filter(([, each]) => "get" in each).map(([path]) => path);
  expect(shown.groups.flatMap(({ operations }) => operations.map(({ path }) => path)).sort()).toEqual(paths.sort());
});

test("every type that an answer names is described", () => {
  const known = new Set(shown.kinds.map(({ name }) => name));
  const named = shown.groups.flatMap(({ operations }) => operations.flatMap(({ answers }) => answers.map(({ type }) => type ?? "")));
  for (const name of named.filter((each) => /^[A-Z]\w+$/.test(each))) expect(known).toContain(name);
});

test("a type is said in words", () => {
  expect(type({ type: "array", items: { $ref: "#/components/schemas/File" } })).toBe("array of File");
  expect(type({ anyOf: [{ type: "string", format: "date-time" }, { type: "null" }] })).toBe("string (date-time) or null");
  expect(type({ type: "integer", minimum: 0, maximum: 999 })).toBe("integer, 0 to 999");
});

test("a line of curl has an example in the place of each part of the path", () => {
  const part = { name: "channel", in: "path" as const, required: true, schema: { type: "string" }, example: "stable" };
  expect(curl(HOST, "/v1/feeds/{channel}.rss", [part])).toBe(`curl -i ${HOST}/v1/feeds/stable.rss`);
  for (const { curl } of shown.groups.flatMap(({ operations }) => operations)) expect(curl).not.toContain("{");
});
