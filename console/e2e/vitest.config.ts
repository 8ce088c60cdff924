import { defineConfig } from "vitest/config";

/** One browser and one bank, whose people act one after the other: what came before is part of what comes next. */
export default defineConfig({
  test: {
    include: ["e2e/**/*.test.ts"],
    environment: "node",
    fileParallelism: false,
    sequence: { concurrent: false },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    bail: 1,
  },
});
