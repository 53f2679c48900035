import { useMemo } from "react";
import { useRead } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { dayAfter, useToday } from "../dates";

/** When residents are next expected, by resident: of the sixty days that are to come, as far as the reader sees their appointments. */
export function useUpcoming(enabled = true): ReadonlyMap<string, string> {
  const today = useToday();
  const now = useServerNow(60_000);
  const ahead = useRead(
    "/api/v1/appointments",
    { query: { from: `${today}T00:00:00+08:00`, to: `${dayAfter(today, { days: 60 })}T00:00:00+08:00` } },
    { enabled },
  );
  return useMemo(() => {
    const next = new Map<string, string>();
    for (const a of ahead.data ?? [])
      if (new Date(a.startsAt) > now && !next.has(a.residentId)) next.set(a.residentId, a.startsAt);
    return next;
  }, [ahead.data, now]);
}
