import { dayAfter, dayOf } from "../../dates/wall";
import type { Role, Schemas } from "../../api/types";

export type Shift = Schemas["DutyShift"];

/** The zone of the institutions, which knows no summer time. */
const zone = "+08:00";

export { dayOf };

/** A day some days later or, with a negative number, earlier. */
export function plusDays(day: string, n: number): string {
  return dayAfter(day, { days: n });
}

/** The Monday of a day's week. */
export function mondayOf(day: string): string {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return plusDays(day, -((weekday + 6) % 7));
}

/** The seven days from a Monday on. */
export function daysOf(monday: string): string[] {
  return Array.from({ length: 7 }, (_, i) => plusDays(monday, i));
}

/** The instant of a clock time on a day, RFC 3339. `24:00` is the next midnight. */
export function instant(day: string, clock: string): string {
  return clock === "24:00" ? instant(plusDays(day, 1), "00:00") : `${day}T${clock}:00${zone}`;
}

/** The period of a week, for reading what touches it. */
export function periodOf(monday: string): { from: string; to: string } {
  return { from: instant(monday, "00:00"), to: instant(plusDays(monday, 7), "00:00") };
}

/** Shifts that are entered with one press; an end that is not after the begin is on the next day. */
export const patterns = {
  day: { from: "08:00", to: "18:00" },
  night: { from: "18:00", to: "08:00" },
  whole: { from: "08:00", to: "08:00" },
} as const;
export type Pattern = keyof typeof patterns;

/** Begin and end of a shift that is entered on a day. */
export function shiftOn(
  day: string,
  { from, to }: { from: string; to: string },
): {
  startsAt: string;
  endsAt: string;
} {
  return { startsAt: instant(day, from), endsAt: instant(to > from ? day : plusDays(day, 1), to) };
}

/** Somebody in a role: a row of the grid. */
export interface Seat {
  key: string;
  userId: string;
  name: string;
  role: Role;
  /** names, for reading */
  departments: readonly string[];
  /** of new shifts; undefined where the role is held in none or in several, which one shift then covers together */
  departmentId?: string;
}

export function seatKey({ userId, role }: { userId: string; role: string }): string {
  return `${userId} ${role}`;
}

const roles: Role[] = ["ATTENDING", "DISPATCHER", "CONSULTANT", "NURSE"];

interface Held {
  userId: string;
  name: string;
  role: Role;
  departmentId?: string | undefined;
  department?: string | undefined;
}

/** Rows of the grid: everybody who can be on duty, and whoever is without being among them; by role, department and name. */
export function seatsOf(people: readonly Schemas["UserAccount"][], shifts: readonly Shift[]): Seat[] {
  const held: Held[] = [
    ...people
      .filter((person) => !person.disabled)
      .flatMap(({ id, name, roles: memberships }) =>
        memberships
          .filter((m) => roles.includes(m.role))
          .map((m) => ({
            userId: id,
            name,
            role: m.role,
            departmentId: m.departmentId,
            department: m.departmentName,
          })),
      ),
    ...shifts.map(({ userId, userName, role, departmentId, departmentName }) => ({
      userId,
      name: userName,
      role,
      departmentId,
      department: departmentName,
    })),
  ];
  const seats = new Map<string, Held[]>();
  for (const one of held) seats.set(seatKey(one), [...(seats.get(seatKey(one)) ?? []), one]);
  const place = (seat: Seat) => `${roles.indexOf(seat.role)} ${seat.departments[0] ?? ""} ${seat.name}`;
  return [...seats.entries()]
    .flatMap(([key, [first, ...rest]]) => {
      if (!first) return [];
      const all = [first, ...rest];
      const names = new Set(all.flatMap((one) => one.department ?? []));
      const [departmentId, ...others] = new Set(all.flatMap((one) => one.departmentId ?? []));
      const { userId, name, role } = first;
      const seat: Seat = { key, userId, name, role, departments: [...names] };
      return [departmentId && others.length === 0 ? { ...seat, departmentId } : seat];
    })
    .toSorted((a, b) => place(a).localeCompare(place(b), "zh-CN"));
}

/**
 * Clock times as short as they can be said: 08–18, 08:30–12. An end that is on the next day has a `+`, or a whole day would
 * read as nothing: 18–08+, 08–08+.
 */
export function shortTimes(from: string, to: string): string {
  const short = (clock: string) => clock.replace(/:00$/, "");
  return `${short(from)}–${short(to)}${to <= from && to !== "00:00" ? "+" : ""}`;
}

/** Begin and end in full; `nextDay` says an end on the next day. */
export function longTimes(from: string, to: string, nextDay: (clock: string) => string): string {
  return `${from}–${to <= from && to !== "00:00" ? nextDay(to) : to}`;
}

/** The shifts of a cell, by row and day of their begin, the earliest first. */
export function inCells(shifts: readonly Shift[]): (seat: Seat, day: string) => Shift[] {
  const cells = new Map<string, Shift[]>();
  const sorted = shifts.toSorted((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt));
  for (const shift of sorted) {
    const key = `${seatKey(shift)} ${dayOf(shift.startsAt)}`;
    cells.set(key, [...(cells.get(key) ?? []), shift]);
  }
  return (seat, day) => cells.get(`${seat.key} ${day}`) ?? [];
}
