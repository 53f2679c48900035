import type { Vital } from "../../api";

const order = ["CRITICAL_LOW", "CRITICAL_HIGH", "LOW", "HIGH"];

/**
 * Readings grouped by what was measured, newest first in each; groups whose newest is abnormal come first, then the order of
 * the catalogue's codes.
 */
export function byCode(vitals: readonly Vital[], codes: readonly string[] = []): Vital[][] {
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
  const place = (list: Vital[]) => codes.indexOf(list[0]?.code ?? "");
  lists.sort((a, b) => rank(a) - rank(b) || place(a) - place(b));
  return lists;
}
