import type { Schemas } from "../api";

export type Board = Schemas["Board"];
export type BoardRow = Schemas["BoardRow"];
export type BoardDoctor = Schemas["BoardDoctor"];
export type AskedDoctor = Schemas["AskedDoctor"];

/** How late a row is now, s; negative: so much is left. The board was read at `readAt`, on the server's clock. */
export function lateness(row: Pick<BoardRow, "lateBySeconds">, readAt: string, now: Date): number {
  return row.lateBySeconds + Math.max(0, Math.round((now.getTime() - Date.parse(readAt)) / 1000));
}

/** Rows as the dispatcher works them: what is late first and the latest of it on top, in the server's order otherwise. */
export function split(
  board: Pick<Board, "rows" | "serverTime">,
  now: Date,
): { late: BoardRow[]; soon: BoardRow[] } {
  const isLate = (row: BoardRow) => lateness(row, board.serverTime, now) > 0;
  return { late: board.rows.filter(isLate), soon: board.rows.filter((row) => !isLate(row)) };
}

/** Late rows that nobody is in charge of: what a dispatcher must hear of. */
export function unattended(board: Pick<Board, "rows" | "serverTime">, now: Date): BoardRow[] {
  return split(board, now).late.filter((row) => row.dispatcher === undefined);
}

/** The steps of the ladder that ask somebody; after the last the dispatcher alone is left. */
const lastAsked = 3;

/** The step that "ask wider" leads to; undefined when everybody is asked already. */
export function nextStep(row: Pick<BoardRow, "ladderStep" | "mode">): 1 | 2 | 3 | undefined {
  const next = row.ladderStep + 1;
  return next <= lastAsked ? (next as 1 | 2 | 3) : undefined;
}

/** Whether a doctor can be assigned at once; others only after they were reached by phone. */
export function isFree(doctor: Pick<BoardDoctor, "presence" | "busy">): boolean {
  return doctor.presence === "AVAILABLE" && !doctor.busy;
}

const places: Record<BoardDoctor["presence"], number> = { AVAILABLE: 0, IN_CALL: 2, BACK_SOON: 3, OFF: 4 };

function place(doctor: BoardDoctor): number {
  return doctor.presence === "AVAILABLE" && doctor.busy ? 1 : places[doctor.presence];
}

/** Free doctors first, of them who has been free for longest; then who is busy, comes back, is away. */
export function inOrder(doctors: readonly BoardDoctor[]): BoardDoctor[] {
  const idle = (d: BoardDoctor) => (d.idleSince ? Date.parse(d.idleSince) : 0);
  return doctors.toSorted((a, b) => place(a) - place(b) || idle(a) - idle(b));
}

/** Doctors for one request: as in `inOrder`, those who declined it last. */
export function candidates(doctors: readonly BoardDoctor[], asked: readonly AskedDoctor[]): BoardDoctor[] {
  const declined = new Set(asked.filter((a) => a.result === "DECLINED").map((a) => a.doctorId));
  const said = (d: BoardDoctor) => (declined.has(d.person.id) ? 1 : 0);
  return inOrder(doctors).toSorted((a, b) => said(a) - said(b));
}

/** What a doctor was asked last about a request. */
export function lastAsk(asked: readonly AskedDoctor[], doctorId: string): AskedDoctor | undefined {
  return asked.findLast((a) => a.doctorId === doctorId);
}

/** Most urgent first. */
const urgencies: readonly BoardRow["urgency"][] = ["CRITICAL", "EMERGENT", "URGENT", "ROUTINE", "SCHEDULED"];

/** Requests that a duplicate can be merged into: of the same institution, the same sex and nearly the same age first. */
export function mergeable(rows: readonly BoardRow[], row: BoardRow): BoardRow[] {
  const like = ({ resident: { sex, age } }: BoardRow) =>
    sex === row.resident.sex && Math.abs(age - row.resident.age) <= 1 ? 0 : 1;
  return (
    rows
      .filter((r) => r.id !== row.id && r.institutionId === row.institutionId)
      // Nobody waits longer for being merged.
      .filter((r) => r.mode !== "WRITTEN" && urgencies.indexOf(r.urgency) <= urgencies.indexOf(row.urgency))
      .toSorted((a, b) => like(a) - like(b))
  );
}
