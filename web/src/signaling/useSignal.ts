import { useEffect, useEffectEvent, useSyncExternalStore } from "react";
import { useServices } from "../app/services";
import type { EventName, Events } from "./protocol";
import type { SignalClient, SignalStatus } from "./SignalClient";

/** The signaling client, for commands: `useSignal().command("presence.set", { state: "OFF" })`. */
export function useSignal(): SignalClient {
  return useServices().signal;
}

/** The state of the socket. */
export function useSignalStatus(): SignalStatus {
  const { signal } = useServices();
  return useSyncExternalStore(signal.subscribe, signal.snapshot);
}

/** Calls the listener for each event of a kind while the component is shown. */
export function useSignalEvent<E extends EventName>(event: E, listener: (data: Events[E]) => void): void {
  const { signal } = useServices();
  const latest = useEffectEvent(listener);
  useEffect(() => signal.on(event, (data) => latest(data)), [signal, event]);
}
