import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Everything is served from one origin below `/console/`; nothing is inlined, so that the page needs no exception in its policy. */
export default defineConfig({
  base: "/console/",
  plugins: [react()],
  build: {
    target: ["chrome123", "edge123", "firefox121", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
});
