import type { Consultation, Participant } from "../api/types";

/** s for which the place in the call is kept after one side's connection was lost (the server's rule). */
export const seatReserved = 180;
/** s for which an interrupted consultation can be resumed. */
export const resumable = 900;

type Side = "CARE" | "MEDICAL";

export interface Pause {
  since: Date;
  /** the seat is kept until then; when `late`, the consultation can be resumed until then */
  until: Date;
  /** the seat was given up */
  late: boolean;
  /** the sides of which nobody is in the call */
  missing: Side[];
  /** the people of those sides who had been in the call */
  people: Participant[];
}

/** The pause of a consultation, as both sides see it; undefined while it goes on. Counted on the server's clock alone. */
export function pauseOf(c: Pick<Consultation, "pausedSince" | "state" | "participants">): Pause | undefined {
  if (!c.pausedSince) return undefined;
  const since = new Date(c.pausedSince);
  const late = c.state === "ABORTED_TECH";
  const missing = (["CARE", "MEDICAL"] as const).filter(
    (side) => !c.participants.some((p) => p.side === side && p.connected),
  );
  const people = c.participants.filter((p) => missing.includes(p.side) && p.firstJoinedAt !== undefined);
  const seconds = late ? resumable : seatReserved;
  return { since, late, until: new Date(since.getTime() + seconds * 1000), missing, people };
}
