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
  "ring.stop": { consultationId: string; result: "claimed" | "withdrawn" | "lapsed"; doctorName?: string };
  "consultation.changed": { consultationId: string; state: string; epoch: number; section: string };
  "message.sent": { consultationId: string; messageId: string; senderId: string };
  "duty.changed": object;
  "presence.changed": PresenceData;
  "call.participant": {
    callId: string;
    participantId: string;
    userId: string;
    name: string;
    role: string;
    change: "joined" | "left" | "muted";
    audioMuted: boolean;
    videoMuted: boolean;
    reason?: string;
  };
  "call.slots": { callId: string; connection: string; slots: Slot[] };
  "call.ended": { callId: string; consultationId: string; reason: string };
  "session.revoked": object;
}
export type EventName = keyof Events;

export interface Welcome {
  type: "welcome";
  seq: number;
  session: string;
  user: string;
  serverTime: string;
  build: string;
  expiresAt: string;
}

export interface ResultFrame {
  type: "result";
  seq: number;
  id: string;
  ok: boolean;
  data?: unknown;
  error?: { code: string; message: string; args?: Record<string, string> };
}

export interface EventFrame {
  type: "event";
  seq: number;
  event: string;
  at: string;
  data: unknown;
}

export type ServerFrame = Welcome | ResultFrame | EventFrame;

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
  3504: "pause",
  3509: "report",
  3510: "signIn",
  3511: "changePassword",
};

/** The close-code table of PROTOCOL.md. Codes of the range 3500–3999 that it does not know stop, all others retry. */
export function closeAction(code: number): CloseAction {
  return actions[code] ?? (code >= 3500 && code <= 3999 ? "report" : "retry");
}
