import type { Schemas } from "../api/types";

/** By what figures are put together. */
export type Group = "practitioner" | "kind" | "week";

export interface Row {
  /** an id, or the Monday of a week */
  key: string;
  name: string;
  /** minutes */
  offered: number;
  taken: number;
  upcoming: number;
  open: number;
  done: number;
  noShow: number;
  cancelled: number;
  cancelledLate: number;
  /** whose appointments these are */
  kinds: ReadonlySet<string>;
}

/** Puts figures together by doctor, kind or week, in the order in which they come. */
export function groups(of: Schemas["AppointmentFigures"], by: Group): Row[] {
  const rows = new Map<string, Row & { kinds: Set<string> }>();
  const row = (key: string, name: string) => {
    let known = rows.get(key);
    if (!known) {
      known = {
        key,
        name,
        offered: 0,
        taken: 0,
        upcoming: 0,
        open: 0,
        done: 0,
        noShow: 0,
        cancelled: 0,
        cancelledLate: 0,
        kinds: new Set(),
      };
      rows.set(key, known);
    }
    return known;
  };
  if (by !== "kind") {
    for (const h of of.hours) {
      const r = by === "week" ? row(h.week, "") : row(h.practitionerId, h.practitionerName);
      r.offered += h.offeredMinutes;
      r.taken += h.takenMinutes;
    }
  }
  for (const c of of.counts) {
    const r =
      by === "week"
        ? row(c.week, "")
        : by === "kind"
          ? row(c.kindId, c.kindName)
          : row(c.practitionerId, c.practitionerName);
    for (const what of ["upcoming", "open", "done", "noShow", "cancelled", "cancelledLate"] as const)
      r[what] += c[what];
    r.kinds.add(c.kindId);
  }
  const list = [...rows.values()];
  return by === "week" ? list.toSorted((a, b) => a.key.localeCompare(b.key)) : list;
}

/** The least for which a share is told: below it one case more or less changes everything. */
const least = 10;

/** A share, 0 to 1; undefined where there are too few to speak of one. */
export function ratio(part: number, whole: number): number | undefined {
  return whole < least ? undefined : part / whole;
}
