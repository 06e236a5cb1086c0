// Each page written in MDX also exports `contents`: its headings of the second and third level, for a table of contents.
import type { Element, Root } from "hast";
import { toString } from "hast-util-to-string";
import { define } from "unist-util-mdx-define";
import { visit } from "unist-util-visit";
import { valueToEstree } from "estree-util-value-to-estree";

const LEVELS: Record<string, number> = { h2: 2, h3: 3 };

export function rehypeContents() {
  return (tree: Root, file: Parameters<typeof define>[1]) => {
    const contents: { id: string; title: string; level: number }[] = [];
    visit(tree, "element", (node: Element) => {
      const level = LEVELS[node.tagName];
      const id = node.properties["id"];
      if (level && typeof id === "string") contents.push({ id, title: toString(node), level });
    });
    define(tree, file, { contents: valueToEstree(contents) });
  };
}
