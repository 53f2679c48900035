import type { Consultation } from "../../api";

/** Where a consultation stands for the doctor who opens its workspace. */
export type Progress =
  | "consent" // answered, the consent is being taken
  | "call" // a call may be on
  | "writing" // the session is over, the report is open
  | "signed"
  | "foreign"; // not in this doctor's hands

export function progressOf(
  c: Pick<Consultation, "state" | "mine" | "actions" | "reports"> & Partial<Pick<Consultation, "mode">>,
): Progress {
  if (!c.mine) return "foreign";
  // A written question has no call: claimed, it is written on until it is signed.
  if (c.mode === "WRITTEN" && ["ACCEPTED", "SCHEDULED"].includes(c.state)) return "writing";
  switch (c.state) {
    case "ACCEPTED":
    case "SCHEDULED":
      return c.actions.includes("getTicket") ? "call" : "consent";
    case "WAITING":
    case "IN_PROGRESS":
    case "ABORTED_TECH":
      return "call";
    case "REPORT_PENDING":
    case "TERMINATED_UNSUITABLE":
    case "TO_EMERGENCY":
      return c.actions.includes("saveReportDraft") ? "writing" : "foreign";
    default:
      return c.reports.length > 0 ? "signed" : "foreign";
  }
}

/** s for which the place in the call is kept after one side's connection was lost (the server's rule). */
export const seatReserved = 180;
/** s for which an interrupted consultation can be resumed. */
export const resumable = 900;

/** Since when and until when the consultation pauses; undefined while it does not. */
export function pauseOf(
  c: Pick<Consultation, "pausedSince" | "state" | "callId">,
): { since: Date; until: Date; late: boolean } | undefined {
  if (!c.pausedSince) return undefined;
  // After End call nobody is waited for, though the media of both sides have of course stopped.
  if (c.callId === undefined && c.state === "IN_PROGRESS") return undefined;
  const since = new Date(c.pausedSince);
  const late = c.state === "ABORTED_TECH";
  return { since, late, until: new Date(since.getTime() + (late ? resumable : seatReserved) * 1000) };
}

/** Whether opening the page should lead straight into the call: an open one, or the first one. Not after End call. */
export function joinsByItself(
  c: Pick<Consultation, "state" | "actions" | "callId"> & Partial<Pick<Consultation, "mode">>,
): boolean {
  return (
    c.mode !== "WRITTEN" &&
    c.actions.includes("getTicket") &&
    (c.callId !== undefined || ["ACCEPTED", "WAITING"].includes(c.state))
  );
}
