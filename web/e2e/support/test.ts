import { type BrowserContext, expect, type Page, test as base } from "@playwright/test";
import { Client } from "./Client";
import { clearQueue, freeDoctor } from "./consultations";
import { type FakeMedia, installFakeMedia } from "./fakecam";
import { address, demoPassword } from "./settings";

export { expect };

/** How each person looks and sounds in a call. */
const media: Record<string, FakeMedia> = {
  "nurse.li": { color: "#8a3b2a", hertz: 440 },
  "dr.wang": { color: "#1f5f8f", hertz: 1000 },
};

export const tablet = { width: 1280, height: 800 };
export const desktop = { width: 1280, height: 800 };

export interface OpenOptions {
  /** the server, if not the one of all tests */
  base?: string;
  password?: string;
  viewport?: { width: number; height: number };
  language?: "zh-CN" | "en";
  /** what the browser window needs before its first page */
  prepare?: (context: BrowserContext) => Promise<void>;
  /** where the page begins; the role's home unless given */
  path?: string;
  /** The service worker keeps the whole program in the new window, which costs more than the page; for tests that lose the network. */
  worker?: boolean;
}

/** Somebody at a browser of their own. */
export interface Person {
  page: Page;
  context: BrowserContext;
}

export type Open = (username: string, options?: OpenOptions) => Promise<Person>;

/** Runs in the page before anything else: the language that this device was last used in. A blank page keeps nothing. */
export function chooseLanguage(language: string): void {
  if (location.protocol.startsWith("http")) localStorage.setItem("lz-language", language);
}

/** Refusals that a test provokes show up in the browser's console; everything else there is a fault. */
const expectedNoise = [/^Failed to load resource: /, /^WebSocket connection to /];

interface Fixtures {
  /** After each test: doctors are free, and the queue is empty. */
  tidy: void;
  /** Opens a browser window in which the account is signed in. */
  open: Open;
}

interface WorkerFixtures {
  /** An account's way to the contract; the sign-in is shared by the tests of a worker. */
  as: (username: string) => Client;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  as: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of what a fixture needs from it
    async ({}, provide) => {
      const clients = new Map<string, Client>();
      await provide((username) => {
        const known = clients.get(username) ?? new Client(username);
        clients.set(username, known);
        return known;
      });
    },
    { scope: "worker" },
  ],

  tidy: [
    async ({ as }, provide) => {
      await provide();
      for (const doctor of ["dr.wang", "dr.zhao", "dr.gao"]) await freeDoctor(as(doctor));
      for (const nurse of ["nurse.li", "nurse.wu"]) await clearQueue(as(nurse));
    },
    { auto: true },
  ],

  open: async ({ browser }, provide) => {
    const contexts: BrowserContext[] = [];
    const faults: string[] = [];
    await provide(async (username, options = {}) => {
      const server = options.base ?? address;
      const context = await browser.newContext({
        baseURL: server,
        viewport: options.viewport ?? desktop,
        locale: options.language ?? "zh-CN",
        permissions: ["camera", "microphone", "notifications", "screen-wake-lock"],
        // What still moves is pressed beside, and what fades in has the contrast of a half-way state.
        reducedMotion: "reduce",
        serviceWorkers: options.worker ? "allow" : "block",
      });
      contexts.push(context);
      await options.prepare?.(context);
      await context.addInitScript(installFakeMedia, media[username] ?? { color: "#555", hertz: 600 });
      await context.addInitScript(chooseLanguage, options.language ?? "zh-CN");
      context.on("console", (message) => {
        const text = message.text();
        if (message.type() === "error" && !expectedNoise.some((noise) => noise.test(text)))
          faults.push(`${username}: ${text}`);
      });
      context.on("weberror", (error) =>
        faults.push(`${username}: ${error.error().stack ?? error.error().message}`),
      );
      // The refresh cookie of this sign-in is the context's; the page takes it up as after a reload.
      const answer = await context.request.post("/api/v1/auth/login", {
        data: { username, password: options.password ?? demoPassword },
      });
      expect(answer.status(), `${username} signs in`).toBe(200);
      const page = await context.newPage();
      await page.goto(options.path ?? "/");
      return { page, context };
    });
    for (const context of contexts) await context.close();
    expect(faults, "errors in the browser's console").toEqual([]);
  },
});
