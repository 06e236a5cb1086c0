// The address of every page that is built, the sitemap's and the crawler's list alike.
import { content, releases } from "./data";

const STANDING = [
  "/",
  "/download/",
  "/download/verify/",
  "/releases/",
  "/docs/",
  "/docs/api/",
  "/search/",
  "/news/",
  "/roadmap/",
  "/status/",
  "/feedback/",
  "/contact/",
  "/404/",
];

export function addresses(): string[] {
  return [...STANDING, ...releases().map((each) => `/releases/${each.version}/`), ...written()];
}

// content/news/hello.mdx is /news/hello/, content/docs/1.4/install.mdx is /docs/1.4/install/
function written(): string[] {
  return content()
    .filter(({ kind }) => kind === "docs" || kind === "news" || kind === "legal")
    .map(({ path }) => `/${path.replace(/\.mdx$/, "")}/`);
}
