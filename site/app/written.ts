// The texts of content/, by their path below it. Which of them are public, and hence have a page, content.json says.
import type { ComponentType } from "react";

export interface Heading {
  id: string;
  title: string;
  level: number;
}

export interface Written {
  default: ComponentType<{ components?: Record<string, unknown> }>;
  contents: Heading[];
}

type Texts = Record<string, Written>;

const DOCS: Texts = import.meta.glob<Written>("../content/docs/**/*.mdx", { eager: true });
const NEWS: Texts = import.meta.glob<Written>("../content/news/*.mdx", { eager: true });
const LEGAL: Texts = import.meta.glob<Written>("../content/legal/*.mdx", { eager: true });
const INCIDENTS: Texts = import.meta.glob<Written>("../content/incidents/*.mdx", { eager: true });
const QUOTES: Texts = import.meta.glob<Written>("../content/quotes/*.mdx", { eager: true });

/** The text of docs/1.4/install.mdx, for example. */
export function written(path: string): Written {
  const found = { ...DOCS, ...NEWS, ...LEGAL, ...INCIDENTS, ...QUOTES }[`../content/${path}`];
  if (!found) throw new Error(`content/${path} is named in content.json and is not there; write the data anew`);
  return found;
}
