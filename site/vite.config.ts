import mdx from "@mdx-js/rollup";
import { reactRouter } from "@react-router/dev/vite";
import tailwindcss from "@tailwindcss/vite";
import rehypeSlug from "rehype-slug";
import remarkFrontmatter from "remark-frontmatter";
import remarkGfm from "remark-gfm";
import remarkMdxFrontmatter from "remark-mdx-frontmatter";
import { defineConfig } from "vite";

import { rehypeContents } from "./plugins/contents.ts";

export default defineConfig({
  plugins: [
    {
      enforce: "pre",
      ...mdx({
        providerImportSource: undefined,
        remarkPlugins: [remarkFrontmatter, [remarkMdxFrontmatter, { name: "front" }], remarkGfm],
        rehypePlugins: [rehypeSlug, rehypeContents],
      }),
    },
    tailwindcss(),
    reactRouter(),
  ],
  // A data: address would need a word in the Content-Security-Policy.
  build: { assetsInlineLimit: 0 },
});
