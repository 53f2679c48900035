import type { Vital } from "../../api";

const order = ["CRITICAL_LOW", "CRITICAL_HIGH", "LOW", "HIGH"];

/** Readings grouped by what was measured, newest first in each; groups whose newest is abnormal come first. */
export function byCode(vitals: readonly Vital[]): Vital[][] {
  const groups = new Map<string, Vital[]>();
  for (const v of vitals) {
    const list = groups.get(v.code);
    if (list) list.push(v);
    else groups.set(v.code, [v]);
  }
  const rank = (list: Vital[]) => {
    const newest = list[0];
    if (!newest) return order.length + 1;
    const at = order.indexOf(newest.flag);
    return at >= 0 ? at : newest.qualifier ? order.length - 0.5 : order.length;
  };
  const lists = [...groups.values()];
  for (const list of lists) list.sort((a, b) => Date.parse(b.takenAt) - Date.parse(a.takenAt));
  lists.sort((a, b) => rank(a) - rank(b));
  return lists;
}
