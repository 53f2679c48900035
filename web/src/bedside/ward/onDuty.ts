import type { Schemas } from "../../api";

type DutyDepartment = Schemas["DutyDepartment"];

/** Departments with somebody who will answer, the soonest first, and those without. */
export function onDutyNow(departments: readonly DutyDepartment[]): {
  there: DutyDepartment[];
  absent: DutyDepartment[];
} {
  const there = departments.filter((d) => d.promiseBy !== undefined);
  return {
    there: there.toSorted((a, b) => Date.parse(a.promiseBy ?? "") - Date.parse(b.promiseBy ?? "")),
    absent: departments.filter((d) => d.promiseBy === undefined),
  };
}
