import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "./useFormat";

/** Writes a day (`YYYY-MM-DD`) or the day of an instant, with its year when that is not this one. */
export function useDay(): (at: string | Date) => string {
  const format = useFormat();
  const now = useServerNow(60_000);
  return (at) => format.day(at, now);
}
