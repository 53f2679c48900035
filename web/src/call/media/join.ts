import type { Ticket } from "../../api/types";
import type { Slot } from "../../signaling/protocol";
import type { SignalClient } from "../../signaling/SignalClient";
import { type addLayout, type Outgoing, senderOf } from "./peer";

/** One connection to the relay. */
export interface Link {
  pc: RTCPeerConnection;
  connection: string;
  slots: Slot[];
}

export interface JoinDeps {
  /** gets a media ticket for the consultation's call */
  ticket: (consultationId: string, epoch: number | undefined) => Promise<Ticket>;
  signal: Pick<SignalClient, "command">;
  peer: (configuration: RTCConfiguration) => RTCPeerConnection;
  /** gives transceivers to a fresh connection; a test replaces it */
  prepare: typeof addLayout;
}

export interface JoinRequest {
  consultationId: string;
  epoch: number | undefined;
  /** what goes out now; read again at the end, since it may change meanwhile */
  outgoing: () => Outgoing;
  abort: AbortSignal;
  /** one try has failed already */
  again: boolean;
  /** the ticket has come; throws when it is not wanted any more */
  onTicket: (ticket: Ticket) => void;
  /** from here on the relay may have taken the place of the former connection */
  onSent: () => void;
  /** the relay has answered, and the connection to it is being made */
  onAnswered: () => void;
}

const ticketWithin = 8000;
const joinWithin = 8000;
/** A relay that answered a moment ago is there; one that does not connect has died since, or the line is slow. */
const connectWithin = { first: 5000, again: 10_000 };

/**
 * One try to connect to the relay: ticket, offer, answer, media up. Leaves nothing behind when it fails or is aborted; a join
 * that was sent is withdrawn, so that it is not sent again after a resume.
 */
export async function join(deps: JoinDeps, request: JoinRequest): Promise<Link> {
  const { abort, again, outgoing } = request;
  const ticket = await within(deps.ticket(request.consultationId, request.epoch), ticketWithin, abort);
  request.onTicket(ticket);
  const pc = deps.peer({ bundlePolicy: "max-bundle", rtcpMuxPolicy: "require" });
  try {
    deps.prepare(pc, outgoing());
    const offer = await pc.createOffer();
    await pc.setLocalDescription(offer);
    abort.throwIfAborted();
    request.onSent();
    // The relay is ICE-lite: it learns our addresses from our checks, therefore the offer need not wait for candidates.
    const joined = await deps.signal.command(
      "call.join",
      { ticket: ticket.ticket, offer: pc.localDescription?.sdp ?? offer.sdp ?? "" },
      { timeout: joinWithin, abort },
    );
    abort.throwIfAborted();
    request.onAnswered();
    await pc.setRemoteDescription({ type: "answer", sdp: joined.answer });
    await within(connected(pc), again ? connectWithin.again : connectWithin.first, abort);
    // A track that changed while this connection was made went to the former one.
    for (const source of ["microphone", "camera", "screen"] as const) {
      const sender = senderOf(pc, source);
      if (sender && sender.track !== outgoing()[source]) await sender.replaceTrack(outgoing()[source]);
    }
    abort.throwIfAborted();
    return { pc, connection: joined.connection, slots: joined.slots };
  } catch (error) {
    pc.close();
    throw error;
  }
}

/** Resolves when the connection stands; rejects when it fails. */
function connected(pc: RTCPeerConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = () => {
      const over = pc.connectionState === "failed" || pc.connectionState === "closed";
      if (!over && pc.connectionState !== "connected") return;
      pc.removeEventListener("connectionstatechange", check);
      if (over) reject(new Error("not connected"));
      else resolve();
    };
    pc.addEventListener("connectionstatechange", check);
    check();
  });
}

/** The promise, but rejected after `ms` and when aborted. */
function within<T>(promise: Promise<T>, ms: number, abort: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = (how: () => void) => {
      clearTimeout(timer);
      abort.removeEventListener("abort", aborted);
      how();
    };
    const aborted = () => end(() => reject(new Error("aborted")));
    const timer = setTimeout(() => end(() => reject(new Error("not in time"))), ms);
    abort.addEventListener("abort", aborted);
    if (abort.aborted) aborted();
    promise.then(
      (value) => end(() => resolve(value)),
      (error: unknown) => end(() => reject(error as Error)),
    );
  });
}
