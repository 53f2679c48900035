import { useCallback } from "react";
import { useServices } from "../app/services";

/** Reads that an act of a team makes stale: for the person who did it, without waiting for the event. */
const keys = [
  "/api/v1/panel",
  "/api/v1/fd-teams",
  "/api/v1/fd-contracts",
  "/api/v1/fd-contracts/{id}",
  "/api/v1/fd-contracts/{id}/text",
  "/api/v1/fd-candidates",
  "/api/v1/fd-coverage",
  "/api/v1/residents/{id}/family-care",
  "/api/v1/recalls",
  "/api/v1/recalls/{id}",
];

/** Reads everything about contracts, plans and recalls again. */
export function usePanelRefresh(): () => void {
  const { query } = useServices();
  return useCallback(() => {
    for (const key of keys) void query.invalidateQueries({ queryKey: [key] });
  }, [query]);
}
