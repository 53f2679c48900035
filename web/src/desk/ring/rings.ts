import type { Queue } from "../../api";
import type { Events } from "../../signaling";

/** A call that rings here now. */
export interface Ring {
  consultationId: string;
  bed: string;
  institution: string;
}

export interface Rings {
  ringing: readonly Ring[];
  /** consultations that the doctor does not want to hear */
  silenced: readonly string[];
}

export const noRings: Rings = { ringing: [], silenced: [] };

/** A new ring; the same consultation rings once, and aloud again when it is offered anew. */
export function started(known: Rings, event: Events["ring"]): Rings {
  const { consultationId, bed, institution } = event;
  return {
    ringing: [...without(known.ringing, consultationId), { consultationId, bed, institution }],
    silenced: known.silenced.filter((id) => id !== consultationId),
  };
}

export function stopped(known: Rings, consultationId: string): Rings {
  if (!known.ringing.some((r) => r.consultationId === consultationId)) return known;
  return {
    ringing: without(known.ringing, consultationId),
    silenced: known.silenced.filter((id) => id !== consultationId),
  };
}

export function silenced(known: Rings, consultationId: string): Rings {
  return known.silenced.includes(consultationId)
    ? known
    : { ...known, silenced: [...known.silenced, consultationId] };
}

/**
 * What the queue says about it, newly read: events may have been missed, and a page that was opened after the ring began
 * never got one. What no longer waits stops, what is offered to this doctor rings.
 */
export function reconciled(known: Rings, queue: Queue): Rings {
  const waiting = new Set(queue.waiting.map((item) => item.id));
  const kept = known.ringing.filter((r) => waiting.has(r.consultationId));
  const missed = queue.waiting
    .filter((item) => item.offeredToMe && !kept.some((r) => r.consultationId === item.id))
    .map((item): Ring => ({
      consultationId: item.id,
      bed: item.resident.bed,
      institution: item.institution,
    }));
  if (kept.length === known.ringing.length && missed.length === 0) return known;
  return { ringing: [...kept, ...missed], silenced: known.silenced.filter((id) => waiting.has(id)) };
}

/** What is to be heard. */
export function audible(rings: Rings): readonly Ring[] {
  return rings.ringing.filter((r) => !rings.silenced.includes(r.consultationId));
}

function without(list: readonly Ring[], consultationId: string): Ring[] {
  return list.filter((r) => r.consultationId !== consultationId);
}
