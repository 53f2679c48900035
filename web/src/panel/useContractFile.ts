import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useServices } from "../app/services";
import { toError } from "../api/transport";
import type { Contract } from "./parts";

/** The drawn signature or the scan of a contract as an object URL, for who may read it. */
export function useContractFile(of: Contract, reads: boolean): { url: string | undefined } {
  const { api } = useServices();
  const { data } = useQuery({
    queryKey: ["/api/v1/fd-contracts/{id}/file", of.id, of.revision],
    enabled: reads && of.hasFile,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const {
        data: blob,
        error,
        response,
      } = await api.GET("/api/v1/fd-contracts/{id}/file", {
        params: { path: { id: of.id } },
        parseAs: "blob",
        signal,
      });
      if (!blob) throw toError(response.status, error);
      return blob;
    },
  });
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!data) return undefined;
    const made = URL.createObjectURL(data);
    setUrl(made);
    return () => {
      setUrl(undefined);
      URL.revokeObjectURL(made);
    };
  }, [data]);
  return { url };
}
