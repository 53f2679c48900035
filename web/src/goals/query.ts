import { useSearchParams } from "react-router";
import type { Schemas } from "../api/types";
import { dayAfter, useToday } from "../dates";

export type Kind = Schemas["GoalKind"];
export type Dashboard = Schemas["GoalDashboard"];
export type Indicator = Schemas["Indicator"];

/** What is counted beside consultations, by the name of its denominator. */
export const factBases = [
  "RATINGS",
  "REFERRALS",
  "REFERRALS_DOWN",
  "GREEN_ASKED",
  "EVENTS",
  "COMPLAINTS_DUE",
  "RECTIFY_DUE",
  "VISITS_DUE",
  "CARE_ACTIVE",
  "COUNTIES",
  "RESIDENTS_ASSESSED",
  "RESIDENTS_PRESENT",
  "RESIDENTS_MEAN",
  "RESIDENTS_CHRONIC",
] as const satisfies readonly Schemas["GoalFactBase"][];

export const kinds: readonly Kind[] = ["M", "Q", "Y"];

/** What is looked at stands in the address: organisation, kind and day of the period, side. `before`: unless it says otherwise the
 * month before this one, which is the last that is over. */
export function useGoalQuery({ before = false }: { before?: boolean } = {}) {
  const [search, setSearch] = useSearchParams();
  const today = useToday();
  const kind = kinds.find((k) => k === search.get("kind")) ?? "M";
  const query = {
    kind,
    day: search.get("day") ?? (before ? dayAfter(`${today.slice(0, 7)}-01`, { days: -1 }) : today),
    ...(search.has("org") ? { organisationId: search.get("org") ?? "" } : {}),
    ...(search.get("side") === "INVITED" ? { side: "INVITED" as const } : {}),
  };
  const set = (changes: Record<string, string | undefined>) => {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) next.delete(name);
      else next.set(name, value);
    }
    setSearch(next, { replace: true });
  };
  return { query, set, search };
}

/** The first day of the period of a kind in which a day lies. */
export function firstOf(kind: Kind, day: string): string {
  const month = Number(day.slice(5, 7));
  const first = kind === "Y" ? 1 : kind === "Q" ? month - ((month - 1) % 3) : month;
  return `${day.slice(0, 4)}-${String(first).padStart(2, "0")}-01`;
}

/** The address of the same page for a period of another kind. */
export function periodAddress(search: URLSearchParams, kind: Kind): string {
  const next = new URLSearchParams(search);
  next.set("kind", kind);
  return `?${next}`;
}

/** Organisation and period alone. */
function without(search: URLSearchParams): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const name of ["mark", "without", "serviceType", "doctorId", "hour", "base", "met", "covered"])
    next.delete(name);
  return next;
}

/** The address of what stands beside consultations and behind a figure; met: of the numerator alone. */
export function factsAddress(search: URLSearchParams, base: string, met: boolean): string {
  const next = without(search);
  next.delete("side");
  next.set("base", base);
  if (met) next.set("met", "yes");
  return `/goals/facts?${next}`;
}

/** The address of the rows behind a figure, for the same organisation and period. */
export function rowsAddress(search: URLSearchParams, more: Record<string, string>): string {
  const next = without(search);
  for (const [name, value] of Object.entries(more)) next.set(name, value);
  return `/goals/rows?${next}`;
}

/** The address of the elders behind the family-doctor coverage, for the same organisation and period. */
export function coverageAddress(search: URLSearchParams, covered: string): string {
  const next = without(search);
  next.delete("side");
  if (covered) next.set("covered", covered);
  return `/goals/coverage?${next}`;
}

/** A share in percent, or undefined without a whole. */
export function percent(part: number, whole: number): number | undefined {
  return whole > 0 ? (100 * part) / whole : undefined;
}

/** The bounds under which half and nine tenths of the waits lie; undefined when there is none. */
export function quantiles(waits: Dashboard["waits"]): { half?: number; ninth?: number } | undefined {
  const total = waits.reduce((sum, w) => sum + w.n, 0);
  if (total === 0) return undefined;
  const at = (share: number) => {
    let sum = 0;
    for (const w of waits) {
      sum += w.n;
      if (sum >= share * total) return w.underSeconds;
    }
    return undefined;
  };
  const half = at(0.5);
  const ninth = at(0.9);
  return { ...(half === undefined ? {} : { half }), ...(ninth === undefined ? {} : { ninth }) };
}

/** How many more of the whole it takes to reach a target in percent; 0 when it is reached. */
export function lacking(part: number, whole: number, target: number): number {
  return Math.max(0, Math.ceil((target * whole) / 100 - 1e-9) - part);
}
