// Pictures beside texts: ![what it shows](./plot.png "caption") becomes <Picture>, of AVIF and WebP in several widths, made
// at build time.
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";

import type { Root } from "mdast";
import sharp from "sharp";
import { visit } from "unist-util-visit";
import type { Plugin } from "vite";

const WIDTHS = [480, 960, 1440];
const FORMATS = ["avif", "webp"] as const;
const ASKED = /\.(?:png|jpe?g)\?pictured$/;

export function pictures(): Plugin {
  return {
    name: "espice:pictures",
    enforce: "pre",
    async load(id) {
      if (!ASKED.test(id)) return null;
      const path = id.replace(/\?pictured$/, "");
      const bytes = await readFile(path);
      const { width, height } = await sharp(bytes).metadata();
      const widths = WIDTHS.filter((each) => each <= width);
      // Named by what they are made from, so that the build for the server makes none.
      const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
      const made = async (format: (typeof FORMATS)[number], to: number) => {
        const fileName = `assets/${basename(path, extname(path))}-${to}-${hash}.${format}`;
        if (this.environment.name === "client") {
          this.emitFile({ type: "asset", fileName, source: await sharp(bytes).resize(to)[format]().toBuffer() });
        }
        return `/${fileName}`;
      };
      const sources = await Promise.all(
        FORMATS.map(async (format) => ({
          type: `image/${format}`,
          srcset: (await Promise.all(widths.map(async (each) => `${await made(format, each)} ${each}w`))).join(", "),
        })),
      );
      const src = sources.at(-1)?.srcset.split(", ").at(-1)?.split(" ")[0];
      return `export default ${JSON.stringify({ width, height, src, sources })};`;
    },
  };
}

/** Markdown's pictures of files beside the text become <Picture of={…}>. */
export function remarkPictures() {
  return (tree: Root) => {
    const imports: string[] = [];
    visit(tree, "image", (node, index, parent) => {
      if (!node.url.startsWith(".") || !parent || index === undefined) return;
      const name = `picture${imports.length}`;
      imports.push(node.url);
      const text = (key: string, value: string) => ({ type: "mdxJsxAttribute" as const, name: key, value });
      parent.children[index] = {
        type: "mdxJsxFlowElement",
        name: "Picture",
        attributes: [
          { type: "mdxJsxAttribute", name: "of", value: { type: "mdxJsxAttributeValueExpression", value: name, data: { estree: identifier(name) } } },
          text("alt", node.alt ?? ""),
          ...(node.title ? [text("title", node.title)] : []),
        ],
        children: [],
      } as never;
    });
    tree.children.unshift(...(imports.map((url, at) => imported(`picture${at}`, `${url}?pictured`)) as never[]));
    unwrap(tree);
  };
}

// A figure may not stand in a paragraph.
function unwrap(tree: Root) {
  visit(tree, "paragraph", (node, index, parent) => {
    const [only] = node.children;
    if (node.children.length === 1 && (only?.type as string) === "mdxJsxFlowElement" && parent && index !== undefined) {
      parent.children[index] = only as never;
    }
  });
}

const identifier = (name: string) => ({
  type: "Program", sourceType: "module", comments: [],
  body: [{ type: "ExpressionStatement", expression: { type: "Identifier", name } }],
});

const imported = (name: string, from: string) => ({
  type: "mdxjsEsm", value: "",
  data: {
    estree: {
      type: "Program", sourceType: "module", comments: [],
      body: [{
        type: "ImportDeclaration", attributes: [], source: { type: "Literal", value: from },
        specifiers: [{ type: "ImportDefaultSpecifier", local: { type: "Identifier", name } }],
      }],
    },
  },
});
