/** Frames of PROTOCOL.md (`lianzhen.v1`), as the page sees them. */

import type { Urgency } from "../api/types";

export const subprotocol = "lianzhen.v1";

export type PresenceState = "AVAILABLE" | "BACK_SOON" | "OFF";

export interface PresenceData {
  state: PresenceState | "IN_CALL";
  backAt?: string;
}

export interface Slot {
  mid: string;
  kind: "audio" | "video" | "screen";
  /** empty: nobody */
  participantId: string;
}

/** Somebody whose media is up in a call. */
export interface CallParticipant {
  participantId: string;
  /** at the relay; changes with each join */
  connection?: string;
  userId: string;
  name: string;
  role: string;
  audioMuted: boolean;
  videoMuted: boolean;
}

/** Commands with their fields and the data of their result. */
export interface Commands {
  "token.renew": { fields: { token: string }; data: { expiresAt: string } };
  "presence.set": { fields: { state: PresenceState; minutes?: number }; data: PresenceData };
  "presence.get": { fields: object; data: PresenceData };
  "call.join": {
    fields: { ticket: string; offer: string };
    data: { callId: string; participantId: string; connection: string; answer: string; slots: Slot[] };
  };
  "call.mute": {
    fields: { callId: string; connection: string; audio: boolean; video: boolean };
    data: unknown;
  };
  "call.leave": { fields: { callId: string; connection: string }; data: unknown };
  "call.state": {
    fields: { callId: string; connection: string };
    data: { order: number; participants: CallParticipant[]; slots: Slot[] };
  };
  "media.probe": { fields: { offer: string }; data: { answer: string } };
}
export type CommandName = keyof Commands;

/** Events with their data. */
export interface Events {
  "queue.changed": {
    consultationId: string;
    change: "offered" | "claimed" | "released" | "withdrawn" | "updated";
    urgency: Urgency;
  };
  ring: {
    consultationId: string;
    offerId: string;
    epoch: number;
    urgency: Urgency;
    bed: string;
    institution: string;
    reasons: string[];
    expiresAt: string;
  };
  "ring.stop": {
    consultationId: string;
    result: "claimed" | "withdrawn" | "lapsed" | "declined";
    doctorName?: string;
  };
  "consultation.changed": { consultationId: string; state: string; epoch: number; section: string };
  "message.sent": { consultationId: string; messageId: string; senderId: string };
  "duty.changed": object;
  /** a dispatcher gave it to this doctor */
  "consultation.assigned": { consultationId: string; epoch: number; assignedBy: string; urgency: Urgency };
  /** a colleague asks this doctor to take it over */
  "consultation.handover": { consultationId: string; epoch: number; from: string; urgency: Urgency };
  "dispatcher.alert": {
    consultationId: string;
    urgency: Urgency;
    reason: "LATE" | "NOBODY" | "CRITICAL" | "LEFT";
  };
  "panel.changed": { residentId?: string; what: "contract" | "group" | "plan" | "recall" | "team" };
  "board.changed": { consultationId: string; change: string };
  "appointment.changed": {
    appointmentId: string;
    status: string;
    revision: number;
    change: string;
  };
  "visit.changed": { visitId: string; state: string; revision: number };
  "visit.alarm": { visitId: string; state: string; revision: number };
  "round.changed": { roundId: string; state: string; revision: number };
  "bed.changed": { bedId: string; state: string };
  "presence.changed": PresenceData;
  "call.participant": CallParticipant & {
    callId: string;
    /** rises with each event of a call on its node */
    order?: number;
    change: "joined" | "left" | "muted";
    reason?: string;
  };
  "call.slots": { callId: string; order?: number; connection: string; slots: Slot[] };
  "call.moved": { callId: string; consultationId: string; reason: "node_lost" | "draining" };
  "call.ended": { callId: string; consultationId: string; reason: string };
  "session.revoked": object;
}
export type EventName = keyof Events;

/** What a fresh and a resumed session have in common. */
interface Opening {
  session: string;
  user: string;
  serverTime: string;
  build: string;
  expiresAt: string;
  /** opens the session again on any node; used once */
  resume?: string;
}

/** The first frame after a hello. */
export interface Welcome extends Opening {
  type: "welcome";
  /** by stream: the number up to which the lists that are read from now on are complete */
  positions?: number[];
}

/** The first frame after a resume: what was missed follows, and nothing else has to be read. */
export interface Resumed extends Opening {
  type: "resumed";
  /** how many events follow that were missed */
  replayed?: number;
}

/** The answer to a resume that cannot be exact: a hello is expected on the same socket. */
export interface ReloadFrame {
  type: "reload";
  reason: string;
}

export interface PositionFrame {
  type: "position";
  positions: number[];
}

export interface ResultFrame {
  type: "result";
  id: string;
  ok: boolean;
  data?: unknown;
  error?: { code: string; message: string; args?: Record<string, string> };
}

export interface EventFrame {
  type: "event";
  event: string;
  at: string;
  data: unknown;
  /** absent: an event of this socket alone, which is never replayed */
  stream?: number;
  seq?: number;
  /** the number of this stream that was told before */
  prev?: number;
  /** wants to be acknowledged, and is repeated until it is */
  ack?: boolean;
}

export type ServerFrame = Welcome | Resumed | ReloadFrame | PositionFrame | ResultFrame | EventFrame;

/** What the page does when the server closes the socket. */
export type CloseAction =
  | "retry" // connect again after a back-off
  | "renew" // get a new token, then connect
  | "renewOnce" // the same, but a second time in a row ends the sign-in
  | "pause" // stop until the person uses the page
  | "report" // stop and say so: a fault of this program
  | "signIn" // the sign-in is over
  | "changePassword";

const actions: Record<number, CloseAction> = {
  3005: "renew",
  3500: "renewOnce",
  3501: "report",
  3502: "report",
  3503: "pause",
  3504: "pause",
  3509: "report",
  3510: "signIn",
  3511: "changePassword",
};

/** The close-code table of PROTOCOL.md. Codes of the range 3500–3999 that it does not know stop, all others retry. */
export function closeAction(code: number): CloseAction {
  return actions[code] ?? (code >= 3500 && code <= 3999 ? "report" : "retry");
}
