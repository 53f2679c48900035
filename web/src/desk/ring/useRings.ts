import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { noRings, type Rings, silenced } from "./rings";

const key = ["rings"];

/** What rings now. It lives beside what was read, so that it is gone with the sign-in; RingWatch keeps it. */
export function useRings(): {
  rings: Rings;
  change: (how: (known: Rings) => Rings) => void;
  silence: (consultationId: string) => void;
} {
  const client = useQueryClient();
  const { data } = useQuery<Rings>({
    queryKey: key,
    queryFn: () => noRings,
    enabled: false,
    initialData: noRings,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
  const change = useCallback(
    (how: (known: Rings) => Rings) => client.setQueryData<Rings>(key, (known) => how(known ?? noRings)),
    [client],
  );
  const silence = useCallback(
    (consultationId: string) => change((known) => silenced(known, consultationId)),
    [change],
  );
  return { rings: data, change, silence };
}
