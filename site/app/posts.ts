// The posts of the news, the newest first.
import { authors, content, type Front } from "./data";

export interface Post {
  front: Front;
  to: string; // its address on the site
  author: string;
}

export function posts(): Post[] {
  const teams = authors();
  return content()
    .filter(({ kind }) => kind === "news")
    .sort((one, other) => other.published.localeCompare(one.published))
    .map((front) => ({
      front,
      to: `/${front.path.replace(/\.mdx$/, "")}/`,
      author: teams[front.author]?.title ?? front.author,
    }));
}
