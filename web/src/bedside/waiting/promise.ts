import type { Consultation } from "../../api";

/** The one large sentence of the waiting page: a message key and what stands in it. */
export type Promised =
  | { key: "answered"; name: string }
  | { key: "critical" }
  | { key: "nobody" }
  | { key: "written" }
  | { key: "writtenBy"; by: string }
  | { key: "alerted"; name: string }
  | { key: "dispatcher"; name: string }
  | { key: "late" }
  | { key: "byName"; name: string; by: string }
  | { key: "by"; by: string };

/**
 * Who answers and by when. A time stands there only while an eligible doctor is present, never for CRITICAL, and no longer
 * when it has passed.
 */
export function promiseOf(
  c: Pick<Consultation, "waiting" | "urgency" | "doctor"> &
    Partial<Pick<Consultation, "mode" | "reportDueAt">>,
  answered: boolean,
  now: Date,
): Promised {
  if (answered) return { key: "answered", name: c.doctor?.name ?? "" };
  // It is answered in writing, and nobody has to be there at once.
  if (c.mode === "WRITTEN")
    return c.reportDueAt && Date.parse(c.reportDueAt) > now.getTime()
      ? { key: "writtenBy", by: c.reportDueAt }
      : { key: "written" };
  const waiting = c.waiting;
  if (waiting && waiting.available === 0) return human(waiting) ?? { key: "nobody" };
  if (c.urgency === "CRITICAL") return { key: "critical" };
  if (!waiting) return { key: "nobody" };
  // Somebody is there, but what was told has passed and nothing new can be told.
  if (!waiting.promiseBy) return human(waiting) ?? { key: "late" };
  if (Date.parse(waiting.promiseBy) < now.getTime()) return human(waiting) ?? { key: "late" };
  return waiting.doctorName
    ? { key: "byName", name: waiting.doctorName, by: waiting.promiseBy }
    : { key: "by", by: waiting.promiseBy };
}

/** The dispatcher, once told of the request; before that she is only a step to come. Until she takes charge she was told, no more. */
export function dispatcherOf(
  waiting: Consultation["waiting"],
): { name: string; phone?: string; inCharge: boolean } | undefined {
  const done = (code: string) => waiting?.steps.some((step) => step.done && step.code === code) ?? false;
  const inCharge = done("ladder_dispatcher_charge");
  if (!waiting?.dispatcher || (!inCharge && !done("ladder_dispatcher_alerted"))) return undefined;
  return { ...waiting.dispatcher, inCharge };
}

/** Whether the sentence itself names the dispatcher. */
export function namesDispatcher({ key }: Promised): boolean {
  return key === "dispatcher" || key === "alerted";
}

function human(waiting: Consultation["waiting"]): Promised | undefined {
  const dispatcher = dispatcherOf(waiting);
  return dispatcher && { key: dispatcher.inCharge ? "dispatcher" : "alerted", name: dispatcher.name };
}
