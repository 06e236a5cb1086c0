import type { Config } from "@react-router/dev/config";

import { addresses } from "./app/addresses";

// Every page is rendered at build time and lies in the bucket as a file; no server renders anything.
// `ssr` is true all the same: without it a page that leaves out the scripts is refused.
export default {
  buildDirectory: process.env["ESPICE_SITE_BUILD"] ?? "build",
  ssr: true,
  routeDiscovery: { mode: "initial" },
  prerender: addresses,
} satisfies Config;
