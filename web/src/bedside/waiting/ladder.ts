import type { Schemas } from "../../api";

export type LadderStep = Schemas["LadderStep"];

/** What stands beside a step: when it was done, how long the present one still takes, when one to come begins. Seconds. */
export type StepTime =
  | { key: "at"; at: string }
  | { key: "left"; seconds: number }
  | { key: "soon" }
  | { key: "in"; at: string; seconds: number };

/** The time of a step on the server's clock; undefined where the step has none. */
export function timeOf(step: LadderStep, now: Date): StepTime | undefined {
  if (step.dueAt && !step.done) {
    const seconds = Math.ceil((Date.parse(step.dueAt) - now.getTime()) / 1000);
    if (step.current)
      return seconds > 0 ? { key: "left", seconds } : step.at ? { key: "at", at: step.at } : undefined;
    return seconds > 0 ? { key: "in", at: step.dueAt, seconds } : { key: "soon" };
  }
  return step.at ? { key: "at", at: step.at } : undefined;
}

/** Steps that were done and led to nobody: they get no tick. */
const fruitless = new Set([
  "ladder_no_answer",
  "ladder_unreached",
  "ladder_declined",
  "ladder_no_dispatcher",
]);

/** How a step stands, as its mark says it. */
export function standing({ code, done, current }: LadderStep): "done" | "missed" | "now" | "next" {
  if (done) return fruitless.has(code) ? "missed" : "done";
  return current ? "now" : "next";
}

/** Done steps that stay in view when the ladder has grown long. */
const kept = 3;

/** The steps in view: all that are not done and the last of those that are; `hidden` is the number of the others. */
export function inView(steps: readonly LadderStep[], all: boolean): { shown: LadderStep[]; hidden: number } {
  const done = steps.filter((step) => step.done);
  // One line that says that one line is hidden would be no gain.
  if (all || done.length <= kept + 1) return { shown: [...steps], hidden: 0 };
  const gone = new Set(done.slice(0, -kept));
  return { shown: steps.filter((step) => !gone.has(step)), hidden: gone.size };
}
