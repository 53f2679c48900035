import { useCallback, useSyncExternalStore } from "react";
import { useServices } from "../../app/services";

/** Whether the browser lets this page be heard, and how to make it. Unlike useRingtone it does not end what rings. */
export function useSoundLock(): { unlocked: boolean; unlock: () => void } {
  const { sounds } = useServices();
  const unlocked = useSyncExternalStore(sounds.subscribe, sounds.unlocked);
  const unlock = useCallback(() => void sounds.unlock(), [sounds]);
  return { unlocked, unlock };
}
