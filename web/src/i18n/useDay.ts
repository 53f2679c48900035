import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "./useFormat";

/** Writes a day (`YYYY-MM-DD`) or the day of an instant, with its year when that is not this one. */
export function useDay(): (at: string | Date) => string {
  const format = useFormat();
  const now = useServerNow(60_000);
  return (at) => format.day(at, now);
}

/** Writes the first and the last day of a time; both with their years when these differ. */
export function usePeriod(): (from: string, to: string) => { from: string; to: string } {
  const format = useFormat();
  const now = useServerNow(60_000);
  return (from, to) => {
    const other = from.slice(0, 4) === to.slice(0, 4) ? undefined : new Date(0);
    return { from: format.day(from, other ?? now), to: format.day(to, other ?? now) };
  };
}
