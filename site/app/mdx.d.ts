declare module "*.mdx" {
  import type { ComponentType } from "react";

  export const front: Record<string, unknown>;
  export const contents: { id: string; title: string; level: number }[];
  const Page: ComponentType<{ components?: Record<string, unknown> }>;
  export default Page;
}
