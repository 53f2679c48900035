import { defineConfig } from "@playwright/test";

// The browser is the installed Chromium; calls use its built-in camera and microphone.
export default defineConfig({
  testDir: "e2e",
  workers: 1,
  timeout: 120_000,
  use: {
    baseURL: process.env.LIANZHEN_URL ?? "http://127.0.0.1:8080",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      chromiumSandbox: false,
      args: [
        "--use-fake-device-for-media-stream=fps=24",
        "--use-fake-ui-for-media-stream",
        "--autoplay-policy=no-user-gesture-required",
      ],
    },
  },
});
