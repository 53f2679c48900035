import { dayAfter, dayOf, wallOf } from "../../dates/wall";

/**
 * The arithmetic of the week grid: instants and their places, where a pointer points, what it snaps to, what the arrow keys do. A place is a
 * day in Shanghai and the minutes since its midnight; Shanghai has no summer time, so minutes of a day are minutes of the clock.
 */
export interface Place {
  /** YYYY-MM-DD */
  day: string;
  /** since midnight; a time on the day after lies beyond 1440 */
  minute: number;
}

/** The raster of what is put down by hand where nothing free is near, minutes. */
export const raster = 10;
/** How far from a free start a hand may be to mean it, minutes. */
const near = 15;

const dayMinutes = 24 * 60;

export function placeOf(at: string | Date): Place {
  const wall = wallOf(at);
  return { day: wall.format("YYYY-MM-DD"), minute: wall.hour() * 60 + wall.minute() };
}

/** The instant of a place, RFC 3339 in UTC. */
export function instantAt({ day, minute }: Place): string {
  const whole = Math.floor(minute / dayMinutes);
  const rest = minute - whole * dayMinutes;
  const two = (n: number) => String(n).padStart(2, "0");
  return new Date(
    `${dayAfter(day, { days: whole })}T${two(Math.floor(rest / 60))}:${two(rest % 60)}:00+08:00`,
  ).toISOString();
}

/** The Monday of a day's week. */
export function monday(day: string): string {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return dayAfter(day, { days: -((weekday + 6) % 7) });
}

/** A span of one day that is drawn: begin and end in minutes of the day. */
export interface Piece<T> {
  of: T;
  day: string;
  from: number;
  to: number;
}

/** The pieces of a span by day: what runs over midnight is drawn on both days. */
export function pieces<T>(of: T, from: string, to: string): Piece<T>[] {
  const begin = placeOf(from);
  const length = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 60_000));
  const out: Piece<T>[] = [];
  for (let at = begin.minute, left = length, day = begin.day; left > 0; day = dayAfter(day, { days: 1 })) {
    const here = Math.min(left, dayMinutes - at);
    out.push({ of, day, from: at, to: at + here });
    left -= here;
    at = 0;
  }
  return out;
}

/** The hours that are shown, whole ones: the usual ones and whatever lies outside of them. */
export function hoursShown(
  list: readonly { from: number; to: number }[],
  usual = { from: 8 * 60, to: 18 * 60 },
): { from: number; to: number } {
  const from = Math.min(usual.from, ...list.map((p) => p.from));
  const to = Math.max(usual.to, ...list.map((p) => p.to));
  return { from: Math.floor(from / 60) * 60, to: Math.min(dayMinutes, Math.ceil(to / 60) * 60) };
}

export interface Laned<T> extends Piece<T> {
  /** from 0 */
  lane: number;
  /** of those that it meets */
  lanes: number;
}

/** Puts what overlaps side by side: each gets the first lane that is free, and a group that hangs together shares the width. */
export function lanes<T>(list: readonly Piece<T>[]): Laned<T>[] {
  const out: Laned<T>[] = [];
  let group: Laned<T>[] = [];
  let ends: number[] = [];
  const close = () => {
    for (const p of group) p.lanes = ends.length;
    out.push(...group);
    group = [];
    ends = [];
  };
  for (const p of list.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    if (ends.every((end) => end <= p.from)) close();
    const free = ends.findIndex((end) => end <= p.from);
    const lane = free === -1 ? ends.length : free;
    ends[lane] = p.to;
    group.push({ ...p, lane, lanes: 1 });
  }
  close();
  return out;
}

/** What a pointer at (x, y), in px from the corner of the grid's body, points to: a day, and a minute not yet snapped. */
export function pointTo(
  x: number,
  y: number,
  body: { width: number; height: number },
  days: readonly string[],
  hours: { from: number; to: number },
): Place | undefined {
  if (x < 0 || y < 0 || x >= body.width || y >= body.height) return undefined;
  const day = days[Math.floor((x / body.width) * days.length)];
  if (day === undefined) return undefined;
  return { day, minute: hours.from + (y / body.height) * (hours.to - hours.from) };
}

/** Free starts by day, in order. */
export type Free = ReadonlyMap<string, readonly number[]>;

export function freeOf(slots: readonly { startsAt: string }[]): Free {
  const out = new Map<string, number[]>();
  for (const s of slots) {
    const { day, minute } = placeOf(s.startsAt);
    const list = out.get(day);
    if (list) {
      if (!list.includes(minute)) list.push(minute);
    } else out.set(day, [minute]);
  }
  for (const list of out.values()) list.sort((a, b) => a - b);
  return out;
}

export function isFree(free: Free, { day, minute }: Place): boolean {
  return free.get(day)?.includes(minute) ?? false;
}

function nearest(list: readonly number[], minute: number): number | undefined {
  let best: number | undefined;
  for (const one of list)
    if (best === undefined || Math.abs(one - minute) < Math.abs(best - minute)) best = one;
  return best;
}

/** Where something goes that is let go here: to the free start that was meant, else to the raster, inside of the day's hours. */
export function snap(
  { day, minute }: Place,
  free: Free,
  hours: { from: number; to: number },
  length: number,
): Place {
  const meant = nearest(free.get(day) ?? [], minute);
  if (meant !== undefined && Math.abs(meant - minute) <= near) return { day, minute: meant };
  const round = Math.round(minute / raster) * raster;
  return { day, minute: Math.max(hours.from, Math.min(round, hours.to - length)) };
}

export type Arrow = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";

/**
 * One press of an arrow key. Up and down go to the free start before or after on the day, or by the raster where nothing is free; left and right to the
 * same time of another day, and there to the nearest free start.
 */
export function arrow(
  at: Place,
  key: Arrow,
  free: Free,
  days: readonly string[],
  hours: { from: number; to: number },
  length: number,
): Place {
  const last = hours.to - length;
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const index = days.indexOf(at.day) + (key === "ArrowLeft" ? -1 : 1);
    const day = days[index];
    if (day === undefined) return at;
    return { day, minute: nearest(free.get(day) ?? [], at.minute) ?? at.minute };
  }
  const list = free.get(at.day) ?? [];
  const next = key === "ArrowUp" ? list.findLast((m) => m < at.minute) : list.find((m) => m > at.minute);
  if (next !== undefined) return { day: at.day, minute: next };
  if (list.length > 0) return at;
  const by = key === "ArrowUp" ? -raster : raster;
  return { day: at.day, minute: Math.max(hours.from, Math.min(at.minute + by, last)) };
}

/** Where somebody who begins with the keyboard begins: the first free start that is left of the days shown, else in the morning. */
export function firstFree(free: Free, days: readonly string[], hours: { from: number }): Place | undefined {
  for (const day of days) {
    const [minute] = free.get(day) ?? [];
    if (minute !== undefined) return { day, minute };
  }
  const [day] = days;
  return day === undefined ? undefined : { day, minute: hours.from };
}

/** Free starts as stretches in which one may begin: what lies not farther apart than `step` hangs together. Minutes of the day. */
export function stretches(
  starts: readonly number[],
  length: number,
  step: number,
): { from: number; to: number }[] {
  const out: { from: number; to: number }[] = [];
  for (const start of starts) {
    const last = out.at(-1);
    if (last && start <= Math.max(last.to, last.from + step)) last.to = Math.max(last.to, start + length);
    else out.push({ from: start, to: start + length });
  }
  return out;
}

/** The days of a week from its Monday, or the one day. */
export function daysFrom(first: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => dayAfter(first, { days: i }));
}

export { dayAfter, dayOf };
