import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";

/** A running clock since an instant of the server, `04:07`. */
export function useElapsed(since: string | undefined): string {
  const now = useServerNow();
  const format = useFormat();
  return since ? format.stopwatch((now.getTime() - Date.parse(since)) / 1000) : "";
}
