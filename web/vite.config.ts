import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { shell } from "./shell";

const server = process.env.LIANZHEN_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react(), shell()],
  server: {
    proxy: {
      "/api": server,
      "/ws": { target: server.replace(/^http/, "ws"), ws: true },
    },
  },
  build: {
    // The oldest browsers that the application supports.
    target: ["chrome109", "safari16.4", "firefox115"],
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // Libraries change less often than our code: own files, so that an upgrade of the application leaves them cached.
        codeSplitting: {
          groups: [{ name: "react", test: /node_modules\/(react|react-dom|scheduler|react-router)\// }],
        },
      },
    },
  },
});
