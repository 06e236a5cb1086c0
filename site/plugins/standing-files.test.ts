import { describe, expect, it } from "vitest";

import type { Product } from "../app/data";
import { robots, security, sitemap } from "./standing-files";

const PRODUCT = {
  environment: "production", site: "https://espice.app", domain: "espice.app", built: "2026-11-23T21:44:50Z",
} as Product;

describe("files beside the pages", () => {
  it("let crawlers in at production alone", () => {
    expect(robots(PRODUCT)).toContain("Sitemap: https://espice.app/sitemap.xml");
    expect(robots({ ...PRODUCT, environment: "staging" })).toBe("User-agent: *\nDisallow: /\n");
    expect(robots({ ...PRODUCT, environment: "laptop" })).toBe("User-agent: *\nDisallow: /\n");
  });

  it("list each page with the day it changed, where that is known", () => {
    const listed = sitemap(PRODUCT, ["/", "/docs/"], new Map([["/", "2026-11-23"]]));
    expect(listed).toContain("<url><loc>https://espice.app/</loc><lastmod>2026-11-23</lastmod></url>");
    expect(listed).toContain("<url><loc>https://espice.app/docs/</loc></url>");
  });

  it("say whom to tell of a vulnerability, for less than a year as RFC 9116 asks", () => {
    const said = security(PRODUCT);
    expect(said).toContain("Contact: mailto:security@espice.app\n");
    const expires = Date.parse(/Expires: (.*)/.exec(said)?.[1] ?? "");
    const days = (expires - Date.parse(PRODUCT.built)) / 86_400_000;
    expect(days).toBeGreaterThan(30);
    expect(days).toBeLessThan(365);
  });
});
