import type { CallEngine } from "./media/CallEngine";
import type { DebugSummary } from "./media/stats";

/** What `window.__call` shows: read-only facts about the connection, for end-to-end tests and for support. */
export interface CallDebug {
  readonly phase: string;
  readonly callId: string | undefined;
  /** the connection's id at the relay; changes with each rejoin */
  readonly connection: string | undefined;
  readonly rejoins: number;
  readonly level: string;
  readonly people: readonly {
    name: string;
    joined: boolean;
    audio: boolean;
    video: boolean;
    screen: boolean;
    audioMuted: boolean;
    videoMuted: boolean;
  }[];
  readonly microphone: string;
  readonly camera: string;
  /** counters of the connection; undefined while there is none */
  stats: () => Promise<DebugSummary | undefined>;
}

declare global {
  interface Window {
    __call?: CallDebug;
  }
}

/** Puts the facts on the window. Returns how to take them away. */
export function installDebug(engine: CallEngine): () => void {
  const debug: CallDebug = Object.freeze({
    get phase() {
      return engine.snapshot().phase;
    },
    get callId() {
      return engine.snapshot().callId;
    },
    get connection() {
      return engine.connection;
    },
    get rejoins() {
      return engine.snapshot().rejoins;
    },
    get level() {
      return engine.snapshot().level;
    },
    get people() {
      return engine
        .snapshot()
        .people.map(({ name, joined, audio, video, screen, audioMuted, videoMuted }) => ({
          name,
          joined,
          audio: audio !== undefined,
          video: video !== undefined,
          screen: screen !== undefined,
          audioMuted,
          videoMuted,
        }));
    },
    get microphone() {
      return engine.local.snapshot().microphone.state;
    },
    get camera() {
      return engine.local.snapshot().camera.state;
    },
    stats: () => engine.debug(),
  });
  window.__call = debug;
  return () => {
    delete window.__call;
  };
}
