import { useMemo, useSyncExternalStore } from "react";
import { useServices } from "../app/services";
import { type Act } from "./acts";
import type { OfflineState } from "./Offline";

/** What the device keeps, and what of it is still to be sent. */
export function useOffline(): OfflineState {
  const { offline } = useServices();
  return useSyncExternalStore(offline.subscribe, offline.snapshot);
}

/** The acts about one thing that are not sent. */
export function useActs(kind: Act["about"]["kind"], id: string): readonly Act[] {
  const { acts } = useOffline();
  return useMemo(
    () => acts.filter((act) => act.about.kind === kind && act.about.id === id),
    [acts, kind, id],
  );
}

/** Whether nobody answers at present. */
export function useAway(): boolean {
  const { connectivity } = useServices();
  return useSyncExternalStore(connectivity.subscribe, connectivity.snapshot).reach !== "ok";
}
