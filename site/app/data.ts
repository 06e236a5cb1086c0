// What a build is made from: files that `./inv site build` writes beside it. Only loaders may read them, so only builds do.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { Channels, History, Releases } from "./api";

// Which product, where, from which commit, and whose signatures count. Made from product.yaml and the build's settings.
export interface Product {
  product: string;
  title: string;
  environment: "laptop" | "staging" | "production";
  domain: string;
  site: string; // addresses without a slash at the end
  updates: string;
  downloads: string;
  repository: string; // owner/name of this repository at GitHub
  commit: string;
  built: string; // RFC 3339
  targets: Record<string, { title: string; updates: string[]; installs: string[] }>;
  keys: { id: string; public: string }[]; // minisign keys that sign what users install, trusted in this environment
  sentry: string | null; // DSN
  replay: boolean; // whether visitors are asked for recordings of what led to an error
  analytics: { cloudflare: string } | { ga4: string } | null;
}

// Which files of content/ are public now: what is scheduled for later or still a draft is not among them.
export interface Content {
  pages: Front[];
  authors: Record<string, Author>;
}

// A team that answers for pages, and its mailbox: what stands before @domain.
export interface Author {
  title: string;
  mailbox: string;
}

// The front matter of a file of content/, checked by `./inv check`.
export interface Front {
  path: string; // below content/, as docs/1.4/install.mdx
  kind: "docs" | "news" | "legal" | "quotes" | "incidents";
  title: string;
  description: string;
  author: string; // a key of authors
  reviewed: string; // a date
  published: string; // RFC 3339; `publish-at`
  section?: string; // of docs
  order?: number; // of docs, in their section
  consent?: string; // of quotes: the issue in which the person agreed
  name?: string; // of quotes, where the person wants to be named
  began?: string; // of incidents, RFC 3339
  ended?: string; // of incidents that are over
  components?: string[]; // of incidents
}

function read<T>(name: string): T {
  const folder = process.env["ESPICE_SITE_DATA"] ?? join(process.cwd(), ".data");
  return JSON.parse(readFileSync(join(folder, name), "utf8")) as T;
}

export const product = () => read<Product>("product.json");
export const releases = () => read<Releases>("releases.json").releases;
export const channels = () => read<Channels>("channels.json").channels;
export const history = () => read<History>("history.json").releases;
export const content = () => read<Content>("content.json").pages;
export const authors = () => read<Content>("content.json").authors;
export const openapi = () => read<Record<string, unknown>>("openapi.json");
