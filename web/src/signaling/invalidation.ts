import type { QueryClient } from "@tanstack/react-query";
import { readKey } from "../api/hooks";
import type { SignalClient } from "./SignalClient";

/** Reads that show what a consultation's change may change. */
const listsWithConsultations = [
  "/api/v1/worklist",
  "/api/v1/queue",
  "/api/v1/consultations",
  "/api/v1/referrals",
  "/api/v1/residents",
  "/api/v1/residents/{id}",
  "/api/v1/duty",
  "/api/v1/rounds/{id}",
  "/api/v1/consultations/{id}/services",
  "/api/v1/consultations/{id}/application",
  "/api/v1/consultations/{id}/countability",
  // A visit names the consultations that were called from the home.
  "/api/v1/visits/{id}",
] as const;

/** Reads that show what a family-doctor team has with its residents. */
const listsOfPanels = [
  "/api/v1/panel",
  "/api/v1/fd-teams",
  "/api/v1/fd-contracts",
  "/api/v1/fd-contracts/{id}",
  "/api/v1/fd-contracts/{id}/text",
  "/api/v1/residents/{id}/family-care",
  "/api/v1/recalls",
  "/api/v1/recalls/{id}",
] as const;

/** Reads that events speak of: what was read of them before a session began may be out of date without a word. */
const spokenOf = new Set<unknown>([
  ...listsWithConsultations,
  ...listsOfPanels,
  "/api/v1/board",
  "/api/v1/rounds",
  "/api/v1/consultations/{id}",
  "/api/v1/consultations/{id}/messages",
  "/api/v1/duty-shifts",
  "presence",
]);

/**
 * Reads again what an event says has changed. What is not on the screen is only marked as stale. Returns how to stop.
 *
 * A resumed session needs nothing, since the server tells all that was missed. A fresh one begins at the positions of its
 * welcome: what is on the screen is read again after it, and together with the events that follow it is complete.
 */
export function connectInvalidation(signal: SignalClient, client: QueryClient): () => void {
  const stale = (...keys: (readonly unknown[])[]) => {
    for (const queryKey of keys) void client.invalidateQueries({ queryKey });
  };
  const consultation = (id: string) => readKey("/api/v1/consultations/{id}", { path: { id } });
  let sessions = 0;
  const readAgain = async () => {
    // The first session of a page: reads that are under way may have looked before its positions were read.
    const first = ++sessions === 1;
    const predicate = ({ queryKey }: { queryKey: readonly unknown[] }) => !first || spokenOf.has(queryKey[0]);
    await client.cancelQueries({ predicate }, { silent: true });
    await client.invalidateQueries({ predicate });
  };
  const stops = [
    signal.on("consultation.changed", ({ consultationId }) =>
      stale(consultation(consultationId), ...listsWithConsultations.map((path) => [path])),
    ),
    signal.on("queue.changed", ({ consultationId }) =>
      stale(consultation(consultationId), readKey("/api/v1/queue"), readKey("/api/v1/duty")),
    ),
    signal.on("message.sent", ({ consultationId }) =>
      stale(readKey("/api/v1/consultations/{id}/messages", { path: { id: consultationId } })),
    ),
    signal.on("duty.changed", () => stale(["/api/v1/duty"], ["/api/v1/duty-shifts"])),
    signal.on("presence.changed", () => stale(["/api/v1/duty"])),
    signal.on("ring.stop", () => stale(["/api/v1/queue"])),
    signal.on("call.ended", ({ consultationId }) => stale(consultation(consultationId))),
    signal.on("consultation.assigned", ({ consultationId }) =>
      stale(consultation(consultationId), ["/api/v1/queue"]),
    ),
    signal.on("consultation.handover", ({ consultationId }) =>
      stale(consultation(consultationId), ["/api/v1/queue"]),
    ),
    signal.on("dispatcher.alert", () => stale(["/api/v1/board"])),
    signal.on("panel.changed", () => stale(...listsOfPanels.map((path) => [path]))),
    signal.on("board.changed", () => stale(["/api/v1/board"])),
    signal.on("visit.changed", ({ visitId }) =>
      stale(
        ["/api/v1/visits"],
        ["/api/v1/home-beds"],
        readKey("/api/v1/visits/{id}", { path: { id: visitId } }),
      ),
    ),
    signal.on("visit.alarm", () => stale(["/api/v1/visit-alarms"], ["/api/v1/visits"])),
    signal.on("round.changed", ({ roundId }) =>
      stale(["/api/v1/rounds"], readKey("/api/v1/rounds/{id}", { path: { id: roundId } })),
    ),
    signal.on("bed.changed", () => stale(["/api/v1/home-beds"], ["/api/v1/home-beds/{id}"])),
    signal.on("appointment.changed", ({ appointmentId }) =>
      stale(
        ["/api/v1/appointments"],
        ["/api/v1/visits"], // what the family answered stands there
        ["/api/v1/slots"],
        ["/api/v1/waiting-list"],
        ["/api/v1/preparations"],
        ["/api/v1/call-backs"],
        readKey("/api/v1/appointments/{id}", { path: { id: appointmentId } }),
      ),
    ),
    signal.onNotice("welcome", () => void readAgain()),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
