import type { Participant } from "../../api/types";
import type { CallParticipant, Events } from "../../signaling/protocol";
import type { Seat } from "./slots";

/** Somebody else in the call. */
export interface CallPerson {
  participantId: string;
  userId: string;
  name: string;
  role: string;
  side: "CARE" | "MEDICAL" | undefined;
  /** in the call now */
  joined: boolean;
  /** why not, when this page saw it happen: the connection was lost, or the person left */
  gone: "lost" | "left" | undefined;
  audioMuted: boolean;
  videoMuted: boolean;
  audio: MediaStream | undefined;
  /** undefined also while the camera is off */
  video: MediaStream | undefined;
  screen: MediaStream | undefined;
}

interface Known {
  person: Omit<CallPerson, "audio" | "video" | "screen">;
  /** of the newest join */
  connection: string | undefined;
}

/** Who else belongs to the call and who of them is in it, from tickets, events and the state of a call. */
export class Roster {
  #known = new Map<string, Known>();

  clear(): void {
    this.#known.clear();
  }

  /** What a ticket says of the participants; our own seat is left out. */
  ticket(participants: readonly Participant[], own: string | undefined): void {
    for (const p of participants) {
      if (p.id === own) continue;
      const { person, connection } = this.#known.get(p.id) ?? {};
      this.#known.set(p.id, {
        connection,
        person: {
          participantId: p.id,
          userId: p.userId,
          name: p.name,
          role: p.role,
          side: p.side,
          joined: connection && person ? person.joined : (p.connected ?? false),
          gone: person?.gone,
          audioMuted: person?.audioMuted ?? false,
          videoMuted: person?.videoMuted ?? false,
        },
      });
    }
  }

  event(event: Events["call.participant"]): void {
    const known = this.#known.get(event.participantId);
    // A person who connects again joins with the new connection before the old one leaves.
    const stale = known?.connection && event.connection && known.connection !== event.connection;
    if (event.change === "left" && stale) return;
    this.#put(event, event.change !== "left", event.reason);
  }

  /** Who is in the call now, as the relay says: whoever is not named is not in it. */
  state(participants: readonly CallParticipant[], own: string | undefined): void {
    const named = new Set(participants.map((p) => p.participantId));
    for (const { person } of this.#known.values())
      if (!named.has(person.participantId)) person.joined = false;
    for (const p of participants) if (p.participantId !== own) this.#put(p, true, undefined);
  }

  /** With what is seen and heard of each. */
  people(
    seats: ReadonlyMap<string, Seat>,
    stream: (mid: string | undefined) => MediaStream | undefined,
  ): CallPerson[] {
    return Array.from(this.#known.values(), ({ person }): CallPerson => {
      const seat = person.joined ? seats.get(person.participantId) : undefined;
      return {
        ...person,
        audio: stream(seat?.audio),
        video: person.videoMuted ? undefined : stream(seat?.video),
        screen: stream(seat?.screen),
      };
    });
  }

  #put(p: CallParticipant, joined: boolean, reason: string | undefined): void {
    const known = this.#known.get(p.participantId);
    this.#known.set(p.participantId, {
      connection: p.connection ?? known?.connection,
      person: {
        participantId: p.participantId,
        userId: p.userId,
        name: p.name,
        role: p.role,
        side: known?.person.side,
        joined,
        // Who signed out elsewhere has left, too: nobody waits for a line to come back.
        gone: joined ? undefined : reason === "left" || reason === "kicked" ? "left" : "lost",
        audioMuted: p.audioMuted,
        videoMuted: p.videoMuted,
      },
    });
  }
}
