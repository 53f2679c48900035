import { defineConfig } from "@playwright/test";
import { address } from "./e2e/support/settings";

// The browser is the installed Chromium; calls use its built-in camera and microphone.
export default defineConfig({
  testDir: "e2e",
  // Each test has the server of its worker to itself, whatever file it is in.
  fullyParallel: true,
  // On a shared machine one slow start is not a verdict; a test that needed its second try is reported as flaky.
  retries: process.env.CI ? 1 : 0,
  timeout: 120_000,
  // What a page shows by itself may take long on a busy machine of two cores; a fault still ends in good time.
  expect: { timeout: 15_000 },
  use: {
    actionTimeout: 30_000,
    navigationTimeout: 30_000,
    baseURL: address,
    // To record each step costs a fifth of all that the tests compute, so it is for the second try; ARGS="--trace on" asks for it.
    trace: "on-first-retry",
    screenshot: "only-on-failure",
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
