import { useEffect, useState } from "react";

/** Whether something has been true for `ms` without a break. Becomes false at once. */
export function useLasting(now: boolean, ms: number): boolean {
  const [lasting, setLasting] = useState(false);
  useEffect(() => {
    if (!now) return undefined;
    const timer = setTimeout(() => setLasting(true), ms);
    return () => {
      clearTimeout(timer);
      setLasting(false);
    };
  }, [now, ms]);
  return now && lasting;
}

/** A break shorter than this is nothing that a person has to know: it mends itself and nothing is lost, ms. */
export const brief = 4000;
