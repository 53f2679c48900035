import type { Consultation } from "../../api";

/** Where a consultation stands for the doctor who opens its workspace. */
export type Progress =
  | "consent" // answered, the consent is being taken
  | "call" // a call may be on
  | "planned" // put off to a slot
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
    case "SCHEDULED":
      return "planned";
    case "ACCEPTED":
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
