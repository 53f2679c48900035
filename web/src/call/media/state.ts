import type { Level, Rates } from "./quality";
import type { CallPerson } from "./Roster";

export type CallPhase =
  | "idle"
  | "starting" // camera and microphone are being opened
  | "joining" // the first connection is being made
  | "connected"
  | "reconnecting" // was connected; joins again by itself
  | "elsewhere" // another page of the same person took the call over
  | "ended" // the call is over for all
  | "failed"; // entering was refused

export interface CallState {
  phase: CallPhase;
  consultationId: string | undefined;
  /** the page of the call, for the way back to it */
  path: string | undefined;
  callId: string | undefined;
  /** RFC 3339: when the call began */
  startedAt: string | undefined;
  people: CallPerson[];
  level: Level;
  rates: Rates | undefined;
  /** the own picture pauses, so that sound comes through */
  pictureHeld: boolean;
  /** when the last packet came, ms of performance.now; while reconnecting */
  lostAt: number | undefined;
  /** while reconnecting: the server answers, so that only media has to be mended */
  reachable: boolean;
  /** connections that replaced a former one */
  rejoins: number;
  /** the end's reason, by the server's code */
  endReason: string | undefined;
  error: Error | undefined;
}

export const idle: CallState = {
  phase: "idle",
  consultationId: undefined,
  path: undefined,
  callId: undefined,
  startedAt: undefined,
  people: [],
  level: "good",
  rates: undefined,
  pictureHeld: false,
  lostAt: undefined,
  reachable: true,
  rejoins: 0,
  endReason: undefined,
  error: undefined,
};
