import { useEffect, useState } from "react";
import { useServices } from "../app/services";

/**
 * The server's time, updated every `interval` ms (1000 unless said). On whole intervals of the server's clock, so that all
 * counters on a screen change together. Use it in the smallest component that shows a running time.
 */
export function useServerNow(interval = 1000): Date {
  const { clock } = useServices();
  const [now, setNow] = useState(() => new Date(clock.now()));
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      const time = clock.now();
      setNow(new Date(time));
      timer = setTimeout(tick, interval - (time % interval) + 5);
    };
    tick();
    return () => clearTimeout(timer);
  }, [clock, interval]);
  return now;
}
