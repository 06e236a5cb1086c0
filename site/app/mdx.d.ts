declare module "*.mdx" {
  import type { ComponentType } from "react";

  export const front: Record<string, unknown>;
  const Page: ComponentType<{ components?: Record<string, ComponentType<never>> }>;
  export default Page;
}
