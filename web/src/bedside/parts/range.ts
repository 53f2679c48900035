/** A wait between two lengths of time, s. */
export interface Range {
  fromSeconds: number;
  toSeconds: number;
}

/** How a range is said: a message key and the numbers in it. Minutes under two hours, hours above, never seconds. */
export type SaidRange =
  | { key: "within"; unit: "minutes" | "hours"; to: number }
  | { key: "between"; unit: "minutes" | "hours"; from: number; to: number };

const hour = 3600;

/**
 * A range as a person says it: the lower end is rounded down and the upper end up, so that it promises no more than it knows;
 * what begins below one minute is "within" its upper end.
 */
export function sayRange({ fromSeconds, toSeconds }: Range): SaidRange {
  const unit = toSeconds > 2 * hour ? "hours" : "minutes";
  const length = unit === "hours" ? hour : 60;
  const from = Math.floor(Math.max(0, fromSeconds) / length);
  const to = Math.max(1, Math.ceil(toSeconds / length));
  return from === 0 || from >= to ? { key: "within", unit, to } : { key: "between", unit, from, to };
}

/** What is left of a range that was told some time ago; undefined when its end has passed. */
export function rest({ fromSeconds, toSeconds }: Range, passed: number): Range | undefined {
  const to = toSeconds - passed;
  return to <= 0 ? undefined : { fromSeconds: Math.max(0, fromSeconds - passed), toSeconds: to };
}
