import type { Consultation } from "../../api";

/** The one large sentence of the waiting page: a message key and what stands in it. */
export type Promised =
  | { key: "answered"; name: string }
  | { key: "critical" }
  | { key: "nobody" }
  | { key: "written" }
  | { key: "late" }
  | { key: "byName"; name: string; by: string }
  | { key: "by"; by: string };

/**
 * Who answers and by when. A time stands there only while an eligible doctor is present, never for CRITICAL, and no longer
 * when it has passed.
 */
export function promiseOf(
  c: Pick<Consultation, "waiting" | "urgency" | "doctor"> & Partial<Pick<Consultation, "mode">>,
  answered: boolean,
  now: Date,
): Promised {
  if (answered) return { key: "answered", name: c.doctor?.name ?? "" };
  // It is answered in writing, and nobody has to be there at once.
  if (c.mode === "WRITTEN") return { key: "written" };
  const waiting = c.waiting;
  if (waiting && waiting.available === 0) return { key: "nobody" };
  if (c.urgency === "CRITICAL") return { key: "critical" };
  if (!waiting?.promiseBy) return { key: "nobody" };
  if (Date.parse(waiting.promiseBy) < now.getTime()) return { key: "late" };
  return waiting.doctorName
    ? { key: "byName", name: waiting.doctorName, by: waiting.promiseBy }
    : { key: "by", by: waiting.promiseBy };
}
