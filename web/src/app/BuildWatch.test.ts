import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { BuildWatch } from "./BuildWatch";

function setup() {
  const reload = vi.fn();
  let typing = false;
  const watch = new BuildWatch({ reload, storage: sessionStorage, typing: () => typing });
  return { watch, reload, setTyping: (on: boolean) => (typing = on) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("reloads when the server's build changes, once for each build", () => {
  const { watch, reload } = setup();
  watch.saw("b1");
  watch.saw("b1");
  expect(reload).not.toHaveBeenCalled();
  watch.saw("b2");
  watch.saw("b1");
  watch.saw("b2");
  expect(reload).toHaveBeenCalledTimes(1);
});

it("waits for the end of a call", () => {
  const { watch, reload } = setup();
  watch.saw("b1");
  watch.setBusy(true);
  watch.saw("b2");
  expect(reload).not.toHaveBeenCalled();
  watch.setBusy(false);
  expect(reload).toHaveBeenCalledTimes(1);
});

it("waits until nobody writes", () => {
  const { watch, reload, setTyping } = setup();
  watch.saw("b1");
  setTyping(true);
  watch.saw("b2");
  vi.advanceTimersByTime(20_000);
  expect(reload).not.toHaveBeenCalled();
  setTyping(false);
  vi.advanceTimersByTime(5000);
  expect(reload).toHaveBeenCalledTimes(1);
});
