import mdx from "@mdx-js/rollup";
import { reactRouter } from "@react-router/dev/vite";
import tailwindcss from "@tailwindcss/vite";
import rehypeSlug from "rehype-slug";
import remarkFrontmatter from "remark-frontmatter";
import remarkGfm from "remark-gfm";
import remarkMdxFrontmatter from "remark-mdx-frontmatter";
import { defineConfig } from "vite";

import { rehypeContents } from "./plugins/contents.ts";
import { pictures, remarkPictures } from "./plugins/pictures.ts";
import { standingFiles } from "./plugins/standing-files.ts";

export default defineConfig({
  plugins: [
    pictures(),
    standingFiles(),
    {
      enforce: "pre",
      ...mdx({
        providerImportSource: undefined,
        remarkPlugins: [remarkFrontmatter, [remarkMdxFrontmatter, { name: "front" }], remarkGfm, remarkPictures],
        rehypePlugins: [rehypeSlug, rehypeContents],
      }),
    },
    tailwindcss(),
    reactRouter(),
  ],
  // A data: address would need a word in the Content-Security-Policy.
  build: { assetsInlineLimit: 0 },
});
