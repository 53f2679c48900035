import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// What a test waits for comes at once on a free machine; on a busy one it may take long, and is then no failure.
configure({ asyncUtilTimeout: 20_000 });

// jsdom lacks what Ant Design asks the browser for.
class NoResize {
  observe() {}
  unobserve() {}
  disconnect() {}
}
globalThis.ResizeObserver ??= NoResize as unknown as typeof ResizeObserver;
window.matchMedia ??= (query: string) =>
  ({
    matches: false,
    media: query,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }) as unknown as MediaQueryList;

// Ant Design's rules are of no use without layout, and jsdom takes most of a test's time to parse and apply them.
Object.defineProperty(HTMLStyleElement.prototype, "innerHTML", {
  configurable: true,
  get: () => "",
  set() {},
});

afterEach(() => {
  cleanup();
  localStorage.clear();
  sessionStorage.clear();
});
