import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { call } from "../api/hooks";
import type { Meta } from "../api/types";
import { useServices } from "./services";

/** Facts of the server that need no sign-in. Each reading also sets the clock. */
export function useMeta(): UseQueryResult<Meta, Error> {
  const { api, clock, build } = useServices();
  return useQuery({
    queryKey: ["/api/v1/meta"],
    staleTime: 5 * 60_000,
    queryFn: async ({ signal }) => {
      const began = performance.now();
      const meta = await call(api, "get", "/api/v1/meta", {}, { signal });
      clock.sample(meta.serverTime, performance.now() - began);
      build.saw(meta.build);
      return meta;
    },
  });
}
