import { useCallback, useEffect, useMemo, useSyncExternalStore } from "react";
import { useServices } from "../../app/services";

/**
 * The ringtone. `unlocked` is false until the person has pressed something on this page: say so, with a button that calls
 * `unlock`. Ringing ends when the component goes.
 */
export function useRingtone(): { unlocked: boolean; unlock: () => void; ring: () => void; stop: () => void } {
  const { sounds } = useServices();
  const unlocked = useSyncExternalStore(sounds.subscribe, sounds.unlocked);
  const ring = useCallback(() => sounds.ring(), [sounds]);
  const stop = useCallback(() => sounds.stop(), [sounds]);
  const unlock = useCallback(() => void sounds.unlock(), [sounds]);
  useEffect(() => () => sounds.stop(), [sounds]);
  return useMemo(() => ({ unlocked, unlock, ring, stop }), [unlocked, unlock, ring, stop]);
}
