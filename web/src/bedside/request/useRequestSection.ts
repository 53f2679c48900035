import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useRef } from "react";
import { type Consultation, hasCode, readKey, type Schemas, useCommand } from "../../api";

/** What of the request's section changes; reasons and red flags stay as they are unless named. */
export type RequestChange = Partial<Omit<Schemas["RequestUpdate"], "revision">>;

/** How often a change is made again on top of somebody else's before it is given up. */
const attempts = 3;

/**
 * Changes the request's section (reasons, red flags, complaint, urgency), one change after the other. The change is computed
 * from the newest request that is known, and computed anew when somebody else was faster (`revision_stale`), so that two
 * people never overwrite each other. The function may throw to give up.
 */
export function useRequestSection(id: string) {
  const client = useQueryClient();
  const { mutateAsync } = useCommand("put", "/api/v1/consultations/{id}/request");
  const tail = useRef<Promise<unknown>>(Promise.resolve());

  return useCallback(
    (change: (known: Consultation) => RequestChange): Promise<Consultation> => {
      const queryKey = readKey("/api/v1/consultations/{id}", { path: { id } });
      const run = async () => {
        for (let attempt = 1; ; attempt++) {
          const known = client.getQueryData<Consultation>(queryKey);
          if (!known) throw new Error("the request was not read yet");
          try {
            return await mutateAsync({
              path: { id },
              body: {
                revision: known.requestRevision,
                reasons: known.reasons,
                redFlags: known.redFlags,
                ...change(known),
              },
            });
          } catch (error) {
            if (attempt >= attempts || !hasCode(error, "revision_stale")) throw error;
            await client.refetchQueries({ queryKey });
          }
        }
      };
      const next = tail.current.then(run, run);
      tail.current = next.catch(() => undefined);
      return next;
    },
    [client, id, mutateAsync],
  );
}
