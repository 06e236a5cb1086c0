// Every page of the site. A page without JavaScript says `handle = { static: true }`.
import { index, route, type RouteConfig } from "@react-router/dev/routes";

export default [
  index("routes/landing.tsx"),
  route("download/", "routes/download.tsx"),
  route("download/verify/", "routes/verify.tsx"),
  route("releases/", "routes/releases.tsx"),
  route("releases/:version/", "routes/release.tsx"),
  route("docs/", "routes/docs.tsx"),
  route("docs/api/", "routes/api-reference.tsx"),
  route("docs/*", "routes/doc.tsx"),
  route("search/", "routes/search.tsx"),
  route("news/", "routes/news.tsx"),
  route("news/feed.rss", "routes/news-rss.ts"),
  route("news/feed.atom", "routes/news-atom.ts"),
  route("news/feed.json", "routes/news-json.ts"),
  route("news/:slug/", "routes/post.tsx"),
  route("roadmap/", "routes/roadmap.tsx"),
  route("status/", "routes/status.tsx"),
  route("feedback/", "routes/feedback.tsx"),
  route("contact/", "routes/contact.tsx"),
  route("legal/:slug/", "routes/legal.tsx"),
  route("404/", "routes/not-found.tsx"),
] satisfies RouteConfig;
