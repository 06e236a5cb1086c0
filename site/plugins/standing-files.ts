// Files that stand beside the pages: what crawlers, browsers and security researchers look for at addresses of their own.
import sharp from "sharp";
import type { Plugin } from "vite";

import { indexed } from "../app/addresses";
import { simulated } from "../app/circuits";
import { content, product, releases, type Product } from "../app/data";
import { card, icon } from "./drawings";

const CHANNELS = ["#8a5200", "#00647a", "#9c1f5c", "#4b3fa8"];

export function standingFiles(): Plugin {
  return {
    name: "standing-files",
    applyToEnvironment: ({ name }) => name === "client",
    async generateBundle() {
      const known = product();
      const texts = {
        "favicon.svg": icon,
        "manifest.webmanifest": manifest(known),
        "robots.txt": robots(known),
        "sitemap.xml": sitemap(known, indexed(), changes(known)),
        ".well-known/security.txt": security(known),
      };
      const ring = simulated("ring-oscillator");
      const traces = ring.series.map(({ points, channel }) => ({ points, color: CHANNELS[channel - 1] ?? "" }));
      const pictures = {
        "icon-192.png": await sharp(Buffer.from(icon)).resize(192, 192).png().toBuffer(),
        "icon-512.png": await sharp(Buffer.from(icon)).resize(512, 512).png().toBuffer(),
        "og/espice.png": await sharp(Buffer.from(card(known.title, "A circuit simulator for the desktop", traces))).png({ palette: true }).toBuffer(),
      };
      for (const [fileName, source] of Object.entries({ ...texts, ...pictures })) {
        this.emitFile({ type: "asset", fileName, source });
      }
    },
  };
}

function manifest({ title }: Product): string {
  const icons = [192, 512].map((size) => ({ src: `/icon-${size}.png`, sizes: `${size}x${size}`, type: "image/png" }));
  return JSON.stringify({ name: title, start_url: "/", display: "browser", background_color: "#f5f3ea", theme_color: "#0d6240", icons });
}

// Only production is to be found.
export function robots({ environment, site }: Product): string {
  return environment === "production" ? `User-agent: *\nAllow: /\n\nSitemap: ${site}/sitemap.xml\n` : "User-agent: *\nDisallow: /\n";
}

export function sitemap({ site }: Product, paths: readonly string[], changed: ReadonlyMap<string, string>): string {
  const entries = paths.map((path) => {
    const at = changed.get(path);
    return `<url><loc>${site}${path}</loc>${at ? `<lastmod>${at}</lastmod>` : ""}</url>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n${entries.join("\n")}\n</urlset>\n`;
}

// Days on which what a page says came to be, where that is known.
function changes({ built }: Product): Map<string, string> {
  const made = releases().map(({ version, published }) => [`/releases/${version}/`, published.slice(0, 10)] as const);
  const written = content().map(({ path, reviewed }) => [`/${path.replace(/\.mdx$/, "")}/`, reviewed] as const);
  const live = ["/", "/download/", "/releases/", "/roadmap/"].map((path) => [path, built.slice(0, 10)] as const);
  return new Map([...written, ...made, ...live]);
}

// RFC 9116. It expires in half a year, and every build says so anew.
export function security({ site, domain, built }: Product): string {
  const expires = new Date(Date.parse(built) + 182 * 86_400_000).toISOString().slice(0, 10);
  return [
    `Contact: mailto:security@${domain}`,
    `Expires: ${expires}T00:00:00.000Z`,
    "Preferred-Languages: en",
    `Canonical: ${site}/.well-known/security.txt`,
    `Policy: ${site}/legal/security/`,
    "",
  ].join("\n");
}
