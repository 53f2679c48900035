import { useMemo } from "react";
import { useRead } from "../api";
import { useMe } from "../auth/useSession";
import { useActs, useOffline } from "../offline/useOffline";
import { withActs } from "../offline/overlay";
import type { Visit } from "./parts";

/** One visit as it is with what was done on this device; from the device where nobody answers. */
export function useVisit(id: string) {
  const me = useMe();
  const acts = useActs("visit", id);
  const read = useRead("/api/v1/visits/{id}", { path: { id } }, { refetchInterval: 60_000 });
  const data = useMemo(
    () => (read.data ? withActs(read.data, acts, me.name) : undefined),
    [read.data, acts, me.name],
  );
  return { ...read, data, server: read.data, acts } as typeof read & {
    server: Visit | undefined;
    acts: typeof acts;
  };
}

/** Visits with what was done on this device. */
export function useWithActs(visits: Visit[]): Visit[] {
  const me = useMe();
  const { acts } = useOffline();
  return useMemo(() => visits.map((visit) => withActs(visit, acts, me.name)), [visits, acts, me.name]);
}
