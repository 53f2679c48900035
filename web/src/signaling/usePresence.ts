import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { hasRole, useMe } from "../auth/useSession";
import type { PresenceData, PresenceState } from "./protocol";
import { useSignal, useSignalEvent, useSignalStatus } from "./useSignal";

const key = ["presence"];

/** A consultant's own presence: what the server holds, and how to change it. `presence` is undefined until it is known. */
export function usePresence(): {
  presence: PresenceData | undefined;
  set: (state: PresenceState, minutes?: number) => Promise<PresenceData>;
} {
  const signal = useSignal();
  const client = useQueryClient();
  const open = useSignalStatus().phase === "open";
  const consultant = hasRole(useMe(), "CONSULTANT");
  const { data } = useQuery({
    queryKey: key,
    queryFn: () => signal.command("presence.get", {}),
    enabled: open && consultant,
    staleTime: Number.POSITIVE_INFINITY,
  });
  useSignalEvent("presence.changed", (next) => client.setQueryData(key, next));
  const set = useCallback(
    async (state: PresenceState, minutes?: number) => {
      const next = await signal.command(
        "presence.set",
        minutes === undefined ? { state } : { state, minutes },
        {
          resend: true,
        },
      );
      client.setQueryData(key, next);
      return next;
    },
    [signal, client],
  );
  return { presence: data, set };
}
