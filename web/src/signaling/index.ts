export type { EventName, Events, PresenceData, PresenceState } from "./protocol";
export { SignalError, type SignalStatus } from "./SignalClient";
export { usePresence } from "./usePresence";
export { useSignal, useSignalEvent, useSignalStatus } from "./useSignal";
