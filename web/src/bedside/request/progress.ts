import type { Consultation, State } from "../../api";

/** Where a request stands for the nurse. */
export type Progress = "draft" | "waiting" | "unanswered" | "planned" | "answered" | "after" | "closed";

const places: Partial<Record<State, Progress>> = {
  DRAFT: "draft",
  RETURNED: "draft",
  SUBMITTED: "waiting",
  TRIAGED: "waiting",
  OFFERED: "waiting",
  SCHEDULED: "planned",
  DECLINED: "unanswered",
  EXPIRED: "unanswered",
  ACCEPTED: "answered",
  WAITING: "answered",
  IN_PROGRESS: "answered",
  ABORTED_TECH: "answered",
  REPORT_PENDING: "after",
  TERMINATED_UNSUITABLE: "after",
  REPORTED: "after",
  ADOPTED: "after",
  FOLLOW_UP: "after",
  ARCHIVED: "after",
  SEALED: "after",
};

/** Draft, in the queue, declined or without an answer, put off to a slot, answered by a doctor, the call is over, or closed. */
export function progressOf(state: State): Progress {
  return places[state] ?? "closed";
}

/** A request that the nurse must find back to from any page. */
export function isOngoing(state: State): boolean {
  const progress = progressOf(state);
  return progress === "waiting" || progress === "answered";
}

/** Where who asked goes on after a request: the visit from which it was asked for, else the ward. */
export function homeOfRequest(c: Pick<Consultation, "visitId">): string {
  return c.visitId ? `/visits/${c.visitId}` : "/ward";
}

/** Whether the server lets the caller do an operation now. */
export function can(c: Pick<Consultation, "actions">, operation: string): boolean {
  return c.actions.includes(operation);
}
