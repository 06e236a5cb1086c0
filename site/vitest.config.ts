import { defineConfig } from "vitest/config";

// Units of what decides and computes; pages as people meet them are tested in a real browser (tests/site).
export default defineConfig({
  test: {
    include: ["app/**/*.test.ts", "app/**/*.test.tsx", "plugins/*.test.ts"],
    environment: "node",
  },
});
