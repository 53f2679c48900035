import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useServices } from "../app/services";
import { toError } from "./transport";

/**
 * The picture of an attachment as an object URL, or undefined while it is read. Pictures need the access token, therefore
 * an `<img src>` of their address would not work.
 */
export function useAttachment(
  id: string | undefined,
  { thumbnail = false }: { thumbnail?: boolean } = {},
): { url: string | undefined; error: Error | null } {
  const { api } = useServices();
  const { data, error } = useQuery({
    queryKey: ["attachment", id, thumbnail],
    enabled: id !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const {
        data: blob,
        error: refusal,
        response,
      } = await api.GET("/api/v1/attachments/{id}", {
        params: { path: { id: id ?? "" }, query: thumbnail ? { thumbnail } : {} },
        parseAs: "blob",
        signal,
      });
      if (!blob) throw toError(response.status, refusal);
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
  return { url, error };
}
