import type { Urgency } from "../../api";

/** Gravest first. SCHEDULED is not among them: it is booked, not called. */
export const urgencies: readonly Urgency[] = ["CRITICAL", "EMERGENT", "URGENT", "ROUTINE"];

const rank: Record<Urgency, number> = { CRITICAL: 0, EMERGENT: 1, URGENT: 2, ROUTINE: 3, SCHEDULED: 4 };

export function moreUrgent(a: Urgency, b: Urgency): boolean {
  return rank[a] < rank[b];
}

/** The graver of two. */
export function graver(a: Urgency, b: Urgency): Urgency {
  return moreUrgent(b, a) ? b : a;
}

/** Raising is free, lowering asks why. */
export function needsReason(proposed: Urgency, chosen: Urgency): boolean {
  return moreUrgent(proposed, chosen);
}
