import { useServerNow } from "../clock/useServerNow";
import { dayOf } from "./wall";

/** Today in Shanghai by the server's clock, `YYYY-MM-DD`. */
export function useToday(): string {
  return dayOf(useServerNow(60_000));
}
