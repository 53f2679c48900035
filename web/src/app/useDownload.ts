import { useState } from "react";
import { toError } from "../api/transport";
import { saveAs } from "./saveAs";
import { useServices } from "./services";

type Answer = Promise<{ data?: unknown; error?: unknown; response: Response }>;

/**
 * Fetches a file with the person's token and gives it to the browser to keep. `ask` gets the client and asks with
 * `parseAs: "blob"`; it resolves to whether the file came.
 */
export function useDownload(): {
  busy: boolean;
  error: unknown;
  download: (name: string, ask: (api: ReturnType<typeof useServices>["api"]) => Answer) => Promise<boolean>;
} {
  const { api } = useServices();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  return {
    busy,
    error,
    async download(name, ask) {
      setBusy(true);
      setError(undefined);
      try {
        const { data, error: refusal, response } = await ask(api);
        if (!(data instanceof Blob)) throw toError(response.status, refusal);
        saveAs(name, data);
        return true;
      } catch (failed) {
        setError(failed);
        return false;
      } finally {
        setBusy(false);
      }
    },
  };
}
