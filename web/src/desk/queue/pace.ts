import type { QueueItem } from "../../api";

/** How a wait stands against its target: fine, past half of it, past all of it. */
export type Pace = "ok" | "half" | "over";

export interface Waited {
  /** s since it was offered */
  seconds: number;
  /** s; undefined where there is no target */
  target: number | undefined;
  pace: Pace;
}

/** The wait of a request on the server's clock. */
export function waited(item: Pick<QueueItem, "offeredAt" | "dueAt" | "targetSeconds">, now: Date): Waited {
  const since = Date.parse(item.offeredAt);
  const seconds = Math.max(0, (now.getTime() - since) / 1000);
  const target = item.targetSeconds ?? (item.dueAt ? (Date.parse(item.dueAt) - since) / 1000 : undefined);
  if (target === undefined || target <= 0) return { seconds, target: undefined, pace: "ok" };
  return { seconds, target, pace: seconds >= target ? "over" : seconds * 2 >= target ? "half" : "ok" };
}

/** Whole seconds that a ring still lasts, counted up so that it ends with 0; undefined where nothing rings. */
export function ringLeft(until: string | undefined, now: Date): number | undefined {
  if (!until) return undefined;
  const left = Math.ceil((Date.parse(until) - now.getTime()) / 1000);
  return left >= 0 ? left : undefined;
}
