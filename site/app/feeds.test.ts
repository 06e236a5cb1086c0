// @vitest-environment happy-dom
import { describe, expect, test } from "vitest";

import type { Product } from "./data";
import { atom, jsonFeed, rss } from "./feeds";
import type { Post } from "./posts";

const product = { title: "ESpice", site: "https://espice.app" } as Product;
const post = (name: string, title: string, published: string): Post => ({
  to: `/news/${name}/`,
  author: "ESpice releases",
  front: { path: `news/${name}.mdx`, kind: "news", title, description: "R < 1 & C > 2", author: "releases", reviewed: "2026-11-23", published },
});
const POSTS = [post("new", `A "new" one`, "2026-11-23T18:00:00Z"), post("old", "An old one", "2026-11-10T12:00:00Z")];

const parsed = (text: string) => {
  const found = new DOMParser().parseFromString(text, "text/xml");
  expect(found.querySelector("parsererror")).toBeNull();
  return found;
};

describe("the news as a feed", () => {
  test("RSS has what RSS 2.0 asks of a channel and its items", () => {
    const found = parsed(rss(product, POSTS));
    expect([...found.querySelectorAll("item > title")].map((each) => each.textContent)).toEqual([`A "new" one`, "An old one"]);
    expect(found.querySelector("item > guid")?.textContent).toBe("https://espice.app/news/new/");
    expect(found.querySelector("item > pubDate")?.textContent).toBe("Mon, 23 Nov 2026 18:00:00 GMT");
    expect(found.querySelector("item > description")?.textContent).toBe("R < 1 & C > 2");
    for (const name of ["title", "link", "description"]) expect(found.querySelector(`channel > ${name}`)?.textContent).toBeTruthy();
  });

  test("Atom has what RFC 4287 asks of a feed and its entries", () => {
    const found = parsed(atom(product, POSTS));
    for (const of of ["feed", "entry"])
      for (const name of ["id", "title", "updated", "author > name"]) expect(found.querySelector(`${of} > ${name}`)?.textContent).toBeTruthy();
    expect(found.querySelector("feed > updated")?.textContent).toBe("2026-11-23T18:00:00Z");
    expect(found.querySelectorAll("entry")).toHaveLength(2);
  });

  test("JSON Feed has what version 1.1 asks, with an id and a text for each item", () => {
    const found = JSON.parse(jsonFeed(product, POSTS));
    expect(found.version).toBe("https://jsonfeed.org/version/1.1");
    expect(found.items.map(({ id }: { id: string }) => id)).toEqual(["https://espice.app/news/new/", "https://espice.app/news/old/"]);
    expect(found.items[0].content_text).toBe("R < 1 & C > 2");
  });

  test("a site without news has feeds without entries", () => {
    expect(parsed(atom(product, [])).querySelector("entry")).toBeNull();
    expect(parsed(rss(product, [])).querySelector("item")).toBeNull();
  });
});
