import type { Slot } from "../../signaling/protocol";

/** The m-lines on which a person's sources arrive. */
export interface Seat {
  audio?: string;
  video?: string;
  screen?: string;
}

/** Who is on which receiving m-line, by participant id. Empty slots are nobody's. */
export function seats(slots: readonly Slot[]): Map<string, Seat> {
  const out = new Map<string, Seat>();
  for (const { mid, kind, participantId } of slots) {
    if (!participantId) continue;
    const seat = out.get(participantId) ?? {};
    seat[kind] = mid;
    out.set(participantId, seat);
  }
  return out;
}

/** The layout of an offer: what the client sends, then what it receives. It never changes during a connection. */
export const layout: readonly { kind: "audio" | "video"; direction: RTCRtpTransceiverDirection }[] = [
  { kind: "audio", direction: "sendonly" }, // microphone
  { kind: "video", direction: "sendonly" }, // camera
  { kind: "video", direction: "sendonly" }, // screen
  ...Array.from({ length: 5 }, () => ({ kind: "audio", direction: "recvonly" }) as const),
  ...Array.from({ length: 5 }, () => ({ kind: "video", direction: "recvonly" }) as const),
  { kind: "video", direction: "recvonly" }, // somebody's screen
];

/** Places of the own sources in the layout. */
export const own = { microphone: 0, camera: 1, screen: 2 } as const;
