import type { QueryClient } from "@tanstack/react-query";
import { readKey } from "../api/hooks";
import type { SignalClient } from "./SignalClient";

/** Reads that show what a consultation's change may change. */
const listsWithConsultations = [
  "/api/v1/worklist",
  "/api/v1/queue",
  "/api/v1/consultations",
  "/api/v1/residents",
  "/api/v1/residents/{id}",
  "/api/v1/duty",
] as const;

/**
 * Reads again what an event says has changed. What is not on the screen is only marked as stale. Returns how to stop.
 */
export function connectInvalidation(signal: SignalClient, client: QueryClient): () => void {
  const stale = (...keys: (readonly unknown[])[]) => {
    for (const queryKey of keys) void client.invalidateQueries({ queryKey });
  };
  const consultation = (id: string) => readKey("/api/v1/consultations/{id}", { path: { id } });
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
    signal.onNotice("missed", () => void client.invalidateQueries()),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
