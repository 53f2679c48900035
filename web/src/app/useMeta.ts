import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { call } from "../api/hooks";
import type { Meta } from "../api/types";
import { useServices } from "./services";

const queryKey = ["/api/v1/meta"];

/** Facts of the server that need no sign-in. Each reading also sets the clock. */
export function useMeta(): UseQueryResult<Meta, Error> {
  const { api, clock, build, offline } = useServices();
  return useQuery({
    queryKey,
    staleTime: 5 * 60_000,
    queryFn: ({ signal }) =>
      offline.answer(queryKey, async () => {
        const began = performance.now();
        const meta = await call(api, "get", "/api/v1/meta", {}, { signal });
        clock.sample(meta.serverTime, performance.now() - began);
        build.saw(meta.build);
        return meta;
      }),
  });
}
