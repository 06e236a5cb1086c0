import { afterEach, describe, expect, it, vi } from "vitest";

import { first } from "./asked";

const isNumber = (value: unknown): value is number => typeof value === "number";
const here = new AbortController().signal;

function answering(answers: Record<string, Response | Error>) {
  vi.stubGlobal("fetch", (url: string) => {
    const found = answers[url] ?? new TypeError("nobody there");
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
  });
}

afterEach(() => vi.unstubAllGlobals());

describe("what is asked of several", () => {
  it("is what the first says that answers so", async () => {
    answering({ "/a": new Response("1"), "/b": new Response("2") });
    expect(await first(["/a", "/b"], isNumber, here)).toBe(1);
  });

  it("goes on where one fails, refuses, or says what cannot be", async () => {
    answering({ "/b": new Response("3", { status: 503 }), "/c": new Response('"no"'), "/d": new Response("<html>"), "/e": new Response("4") });
    expect(await first(["/a", "/b", "/c", "/d", "/e"], isNumber, here)).toBe(4);
  });

  it("is nothing where nobody answers", async () => {
    answering({});
    expect(await first(["/a"], isNumber, here)).toBeNull();
  });
});
