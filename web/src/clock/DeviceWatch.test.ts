import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type DeviceNews, DeviceWatch } from "./DeviceWatch";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setup() {
  const window = new EventTarget();
  const document = Object.assign(new EventTarget(), {
    visibilityState: "visible" as DocumentVisibilityState,
  });
  const connection = new EventTarget();
  const news: DeviceNews[] = [];
  const watch = new DeviceWatch({ window, document, connection });
  watch.subscribe((n) => news.push(n));
  return { window, document, connection, news };
}

it("a lid that was closed for a minute shows as a jump of the clock", () => {
  const { news } = setup();
  vi.advanceTimersByTime(5000);
  vi.setSystemTime(Date.now() + 60_000);
  vi.advanceTimersByTime(1000);
  expect(news).toEqual([{ kind: "woke", slept: 61_000 }]);
  vi.advanceTimersByTime(60_000);
  expect(news).toHaveLength(1);
});

it("a page that is late by a few seconds did not sleep", () => {
  const { news } = setup();
  vi.setSystemTime(Date.now() + 6000);
  vi.advanceTimersByTime(1000);
  expect(news).toEqual([]);
});

it("tells of another network, of being online again, and of being looked at", () => {
  const { window, document, connection, news } = setup();
  connection.dispatchEvent(new Event("change"));
  window.dispatchEvent(new Event("online"));
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  document.visibilityState = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  expect(news.map((n) => n.kind)).toEqual(["network", "online", "visible"]);
});
