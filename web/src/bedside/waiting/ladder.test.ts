import { expect, it } from "vitest";
import { inView, type LadderStep, standing, timeOf } from "./ladder";

const now = new Date("2026-11-20T06:28:00Z");
const step = (change: Partial<LadderStep>): LadderStep => ({
  code: "c",
  message: "m",
  done: false,
  current: false,
  ...change,
});

it("counts the present step down, names the clock of what was done, and both for what is to come", () => {
  const at = "2026-11-20T06:27:50Z";
  const dueAt = "2026-11-20T06:28:10Z";
  expect(timeOf(step({ current: true, at, dueAt }), now)).toEqual({ key: "left", seconds: 10 });
  expect(timeOf(step({ done: true, at, dueAt }), now)).toEqual({ key: "at", at });
  expect(timeOf(step({ dueAt }), now)).toEqual({ key: "in", at: dueAt, seconds: 10 });
  expect(timeOf(step({}), now)).toBeUndefined();
});

it("never counts below nothing: what is due is soon", () => {
  const past = "2026-11-20T06:27:59Z";
  expect(timeOf(step({ dueAt: past }), now)).toEqual({ key: "soon" });
  expect(timeOf(step({ current: true, dueAt: past }), now)).toBeUndefined();
});

it("ticks off what led to somebody, not what led to nobody", () => {
  expect(standing(step({ code: "ladder_widened", done: true }))).toBe("done");
  for (const code of ["ladder_no_answer", "ladder_unreached", "ladder_declined"])
    expect(standing(step({ code, done: true }))).toBe("missed");
  expect([standing(step({ current: true })), standing(step({}))]).toEqual(["now", "next"]);
});

it("hides the oldest of many done steps and never one that is not done", () => {
  const done = Array.from({ length: 6 }, (_, i) => step({ code: `d${i}`, done: true }));
  const open = [step({ code: "now", current: true }), step({ code: "next" })];
  const { shown, hidden } = inView([...done, ...open], false);
  expect(hidden).toBe(3);
  expect(shown.map((s) => s.code)).toEqual(["d3", "d4", "d5", "now", "next"]);
  expect(inView([...done.slice(0, 4), ...open], false).hidden).toBe(0);
  expect(inView([...done, ...open], true).shown).toHaveLength(8);
});
