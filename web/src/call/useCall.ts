import { useMemo, useSyncExternalStore } from "react";
import { useServices } from "../app/services";
import type { CallEngine, CallState, EnterOptions } from "./media/CallEngine";
import type { LocalMedia, LocalState } from "./media/LocalMedia";

export interface Call extends CallState {
  /** own microphone, camera, screen and the lists of devices */
  own: LocalState;
  /** a call is on, or being entered or repaired */
  active: boolean;
  /**
   * Enters a consultation's call; harmless when already in it, therefore a page may call it whenever it is shown (after a
   * reload this is the way back into the call). `path` is the way back to the page from others; the grantee gives `epoch`.
   */
  enter: (consultationId: string, options?: EnterOptions) => Promise<void>;
  /** Enters the last call once more, after it was taken elsewhere or entering was refused. */
  again: () => Promise<void>;
  /** Leaves; the call goes on without us. Ending it for all is the command endCall. */
  leave: () => void;
  setMicrophone: (on: boolean) => Promise<void>;
  setCamera: (on: boolean) => Promise<void>;
  flip: () => Promise<void>;
  choose: LocalMedia["choose"];
  shareScreen: () => Promise<boolean>;
  stopScreen: () => void;
  /** Tries to connect again at once. */
  retryNow: () => void;
}

/** The call that this page is in, and what can be done in it. It survives navigation. */
export function useCall(): Call {
  const { call: engine } = useServices();
  const state = useSyncExternalStore(engine.subscribe, engine.snapshot);
  const own = useSyncExternalStore(engine.local.subscribe, engine.local.snapshot);
  const actions = useMemo(() => callActions(engine), [engine]);
  return { ...state, ...actions, own, active: engine.active };
}

function callActions(engine: CallEngine) {
  const { local } = engine;
  return {
    enter: (consultationId: string, options?: EnterOptions) => engine.enter(consultationId, options),
    again: () => engine.again(),
    leave: () => engine.leave(),
    setMicrophone: (on: boolean) => local.setMicrophone(on),
    setCamera: (on: boolean) => local.setCamera(on),
    flip: () => local.flip(),
    choose: (kind: "microphone" | "camera" | "speaker", id: string) => local.choose(kind, id),
    shareScreen: () => local.shareScreen(),
    stopScreen: () => local.stopScreen(),
    retryNow: () => engine.retryNow(),
  };
}
