import { expect, it } from "vitest";
import type { Consultation } from "../../api";
import { promiseOf } from "./promise";

const now = new Date("2026-11-20T06:28:00Z");
const waiting = (change: Partial<NonNullable<Consultation["waiting"]>> = {}) => ({
  position: 1,
  ahead: 0,
  eligible: 2,
  available: 1,
  steps: [],
  ...change,
});
const by = "2026-11-20T06:32:00Z";

it("a time stands there only while somebody is present, never for a critical case, and not after it has passed", () => {
  const say = (c: Parameters<typeof promiseOf>[0], at = now) => promiseOf(c, false, at).key;
  expect(say({ urgency: "URGENT", waiting: waiting({ promiseBy: by, doctorName: "王医生" }) })).toBe(
    "byName",
  );
  expect(say({ urgency: "URGENT", waiting: waiting({ promiseBy: by }) })).toBe("by");
  expect(say({ urgency: "URGENT", waiting: waiting({ available: 0, promiseBy: by }) })).toBe("nobody");
  expect(say({ urgency: "URGENT", waiting: waiting() })).toBe("late");
  expect(say({ urgency: "CRITICAL", waiting: waiting({ promiseBy: by }) })).toBe("critical");
  expect(
    say({ urgency: "URGENT", waiting: waiting({ promiseBy: by }) }, new Date("2026-11-20T06:33:00Z")),
  ).toBe("late");
  expect(say({ urgency: "ROUTINE", mode: "WRITTEN", waiting: waiting({ available: 0 }) })).toBe("written");
  expect(say({ urgency: "ROUTINE", mode: "WRITTEN", reportDueAt: by, waiting: waiting() })).toBe("writtenBy");
  expect(
    say({ urgency: "ROUTINE", mode: "WRITTEN", reportDueAt: by }, new Date("2026-11-20T06:33:00Z")),
  ).toBe("written");
});

it("names the dispatcher once she was told, says that she acts once she took charge, and neither while she is a step to come", () => {
  const dispatcher = { name: "陶敏", phone: "13900000000" };
  const step = (code: string, done: boolean) => ({ code, message: "", done, current: false });
  const c = (code: string, done: boolean, change = {}): Parameters<typeof promiseOf>[0] => ({
    urgency: "URGENT",
    waiting: waiting({ dispatcher, steps: [step(code, done)], ...change }),
  });
  expect(promiseOf(c("ladder_dispatcher_alerted", true), false, now)).toEqual({
    key: "alerted",
    name: "陶敏",
  });
  expect(promiseOf(c("ladder_dispatcher_charge", true), false, now)).toEqual({
    key: "dispatcher",
    name: "陶敏",
  });
  expect(promiseOf(c("ladder_dispatcher_charge", true, { available: 0 }), false, now).key).toBe("dispatcher");
  expect(promiseOf(c("ladder_to_dispatcher", false), false, now).key).toBe("late");
  // A time that holds says more than a name.
  expect(promiseOf(c("ladder_dispatcher_alerted", true, { promiseBy: by }), false, now).key).toBe("by");
});
