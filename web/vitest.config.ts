import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/testing/setup.ts"],
    restoreMocks: true,
    testTimeout: 60_000,
    // Starting jsdom costs more than the tests; nothing of ours keeps state in a module.
    isolate: false,
    css: { modules: { classNameStrategy: "non-scoped" } },
  },
});
