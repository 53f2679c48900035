import { ApiError } from "../../api/errors";
import type { Participant, Ticket } from "../../api/types";
import type { Slot } from "../../signaling/protocol";
import { SignalError, type SignalClient } from "../../signaling/SignalClient";
import type { LocalMedia } from "./LocalMedia";
import { addLayout, limitSenders, senderOf, trackOf } from "./peer";
import { AudioFirst, grade, type Level, QualityMeter, type Rates, rates } from "./quality";
import { seats } from "./slots";
import { type DebugSummary, readDebug, readSample, type Sample } from "./stats";
import { Watchdog } from "./watchdog";

export type CallPhase =
  | "idle"
  | "starting" // camera and microphone are being opened
  | "joining" // the first connection is being made
  | "connected"
  | "reconnecting" // was connected; joins again by itself
  | "elsewhere" // another page of the same person took the call over
  | "ended" // the call is over for all
  | "failed"; // entering was refused

/** Somebody else in the call. */
export interface CallPerson {
  participantId: string;
  userId: string;
  name: string;
  role: string;
  side: "CARE" | "MEDICAL" | undefined;
  /** in the call now */
  joined: boolean;
  audioMuted: boolean;
  videoMuted: boolean;
  audio: MediaStream | undefined;
  /** undefined also while the camera is off */
  video: MediaStream | undefined;
  screen: MediaStream | undefined;
}

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
  /** when the connection was lost, ms of performance.now; while reconnecting */
  lostAt: number | undefined;
  rejoins: number;
  /** the end's reason, by the server's code */
  endReason: string | undefined;
  error: Error | undefined;
}

export interface EngineDeps {
  /** gets a media ticket for the consultation's call */
  ticket: (consultationId: string, epoch: number | undefined) => Promise<Ticket>;
  signal: Pick<SignalClient, "command" | "on" | "onNotice">;
  local: LocalMedia;
  peer?: (configuration: RTCConfiguration) => RTCPeerConnection;
  /** gives transceivers to a fresh connection; a test replaces it */
  prepare?: typeof addLayout;
  now?: () => number;
  random?: () => number;
}

export interface EnterOptions {
  /** the grantee's epoch */
  epoch?: number;
  /** the page of the call, for the way back to it from others */
  path?: string;
  camera?: boolean;
  facing?: "user" | "environment";
}

/** One connection to the relay. */
interface Link {
  pc: RTCPeerConnection;
  connection: string;
  slots: Slot[];
}

interface Known extends Pick<CallPerson, "participantId" | "userId" | "name" | "role" | "side" | "joined"> {
  audioMuted: boolean;
  videoMuted: boolean;
  /** of the newest join */
  connection: string | undefined;
}

const tick = 1000;
const joinWithin = 10_000;
const connectWithin = 12_000;
const backOffMost = 15_000;
/** Before joining again: a moment for `call.ended` to arrive, since an ended call also closes our connection. */
const lossGrace = 500;
/** The same when the relay said that it closed the room. */
const endGrace = 2000;

/** Refusals of call.join that another try does not mend. */
const finalCodes = new Set([
  "media_codec_unsupported",
  "media_offer_malformed",
  "media_room_full",
  "media_epoch_stale",
  "forbidden",
  "not_found",
  "call_ended",
  "invalid_request",
]);

const idle: CallState = {
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
  rejoins: 0,
  endReason: undefined,
  error: undefined,
};

/**
 * A call from entering to leaving, without React: local media, tickets, the connection to the relay and its repair.
 *
 * What always holds:
 *  - the signaling socket may come and go; media is touched only when media itself has died or the server ended the call;
 *  - a new connection is made beside the old one, and replaces it only when it stands, so that the last picture stays;
 *  - whatever was begun before a `leave` or another `enter` has no effect after it (the generation);
 *  - a rejoin never follows into another call: when the ticket names another, ours was ended.
 */
export class CallEngine {
  readonly local: LocalMedia;
  #deps: Required<Omit<EngineDeps, "local">>;
  #state: CallState = idle;
  #listeners = new Set<() => void>();
  #generation = 0;
  #options: EnterOptions = {};
  #link: Link | undefined;
  #joining: number | undefined;
  #participantId: string | undefined;
  #known = new Map<string, Known>();
  #slotNews = new Map<string, Slot[]>();
  #streams = new Map<string, { track: MediaStreamTrack; stream: MediaStream }>();
  #ticker: ReturnType<typeof setInterval> | undefined;
  #graceTimer: ReturnType<typeof setTimeout> | undefined;
  #watchdog = new Watchdog(0);
  #meter = new QualityMeter();
  #audioFirst = new AudioFirst();
  #sample: Sample | undefined;
  #wake: () => void = () => undefined;

  constructor(deps: EngineDeps) {
    this.local = deps.local;
    this.#deps = {
      peer: (configuration) => new RTCPeerConnection(configuration),
      prepare: addLayout,
      now: () => performance.now(),
      random: Math.random,
      ...deps,
    };
    const { signal, local } = deps;
    local.sendTo((source, track) => {
      const sender = this.#link && senderOf(this.#link.pc, source);
      sender?.replaceTrack(track).catch(() => this.#lose());
    });
    local.subscribe(() => this.#tellMutes());
    signal.on("call.participant", (event) =>
      this.#participant(event as typeof event & { connection?: string }),
    );
    signal.on("call.slots", ({ connection, slots }) => {
      this.#slotNews.set(connection, slots);
      if (this.#link?.connection === connection) {
        this.#link.slots = slots;
        this.#show();
      }
    });
    signal.on("call.ended", ({ callId, consultationId, reason }) => {
      const ours =
        callId === this.#state.callId ||
        (!this.#state.callId && consultationId === this.#state.consultationId);
      if (ours && this.active) this.#finish({ phase: "ended", endReason: reason });
    });
    signal.onNotice("welcome", () => {
      // The new session takes over the connection's news with the first command about it.
      this.#muted = "";
      this.#tellMutes();
      this.#wake();
    });
  }

  snapshot = (): CallState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Whether a call is on, or being entered or repaired. */
  get active(): boolean {
    return ["starting", "joining", "connected", "reconnecting"].includes(this.#state.phase);
  }

  /** Enters a consultation's call. Does nothing when already in it. */
  async enter(consultationId: string, options: EnterOptions = {}): Promise<void> {
    if (this.active && this.#state.consultationId === consultationId) {
      this.#options = { ...this.#options, ...options };
      if (options.path !== undefined) this.#set({ path: options.path });
      return;
    }
    if (this.active) this.leave();
    const mine = ++this.#generation;
    this.#options = options;
    this.#reset();
    this.#set({ ...idle, phase: "starting", consultationId, path: options.path });
    await this.local.start({
      camera: options.camera ?? true,
      ...(options.facing ? { facing: options.facing } : {}),
    });
    if (mine !== this.#generation) return;
    this.#set({ phase: "joining" });
    await this.#join();
  }

  /** Enters the last call once more, in the same way: after it was taken elsewhere, or entering was refused. */
  async again(): Promise<void> {
    const { consultationId } = this.#state;
    if (consultationId && !this.active) await this.enter(consultationId, this.#options);
  }

  /** Leaves; the call and the consultation go on. */
  leave(): void {
    const link = this.#link;
    const { callId } = this.#state;
    if (link && callId) {
      this.#deps.signal.command("call.leave", { callId, connection: link.connection }).catch(() => undefined);
    }
    this.#finish(idle);
  }

  /** Tries again now, if it is repairing. */
  retryNow(): void {
    this.#wake();
  }

  /** What an end-to-end test may look at; undefined while not connected. */
  async debug(): Promise<DebugSummary | undefined> {
    const pc = this.#link?.pc;
    return pc && readDebug(await pc.getStats());
  }

  /** The connection's id at the relay. */
  get connection(): string | undefined {
    return this.#link?.connection;
  }

  // ---- joining

  /** Joins until it works, is refused for good, or is no longer wanted. */
  async #join(): Promise<void> {
    const mine = this.#generation;
    if (this.#joining === mine) return;
    this.#joining = mine;
    try {
      for (let attempt = 0; mine === this.#generation; attempt++) {
        try {
          const link = await this.#connect(mine);
          if (link) this.#use(link);
          return;
        } catch (error) {
          if (mine !== this.#generation) return;
          if (isFinal(error)) {
            this.#finish({
              phase: this.#link ? "ended" : "failed",
              error: error instanceof Error ? error : new Error(String(error)),
            });
            return;
          }
        }
        await this.#pause(this.#deps.random() * Math.min(backOffMost, 1000 * 2 ** attempt));
      }
    } finally {
      if (this.#joining === mine) this.#joining = undefined;
    }
  }

  /** One try. Undefined when it turned out that the call is over or no longer wanted. */
  async #connect(mine: number): Promise<Link | undefined> {
    const { consultationId, callId: former } = this.#state;
    if (!consultationId) return undefined;
    const ticket = await this.#deps.ticket(consultationId, this.#options.epoch);
    if (mine !== this.#generation) return undefined;
    if (former && ticket.callId !== former) {
      this.#finish({ phase: "ended", endReason: "ended" });
      return undefined;
    }
    this.#participantId = ticket.participantId;
    this.#roster(ticket.participants);
    this.#set({ callId: ticket.callId, startedAt: ticket.startedAt });

    const pc = this.#deps.peer({ bundlePolicy: "max-bundle", rtcpMuxPolicy: "require" });
    try {
      this.#deps.prepare(pc, this.local.tracks);
      const offer = await pc.createOffer();
      await pc.setLocalDescription(offer);
      // The relay is ICE-lite: it learns our addresses from our checks, therefore the offer need not wait for candidates.
      const joined = await this.#deps.signal.command(
        "call.join",
        { ticket: ticket.ticket, offer: pc.localDescription?.sdp ?? offer.sdp ?? "" },
        { timeout: joinWithin },
      );
      if (mine !== this.#generation) throw new Error("left");
      await pc.setRemoteDescription({ type: "answer", sdp: joined.answer });
      await connected(pc, connectWithin);
      if (mine !== this.#generation) throw new Error("left");
      // A track that changed while this connection was made went to the former one.
      for (const source of ["microphone", "camera", "screen"] as const) {
        const sender = senderOf(pc, source);
        if (sender && sender.track !== this.local.tracks[source])
          await sender.replaceTrack(this.local.tracks[source]);
      }
      return {
        pc,
        connection: joined.connection,
        slots: this.#slotNews.get(joined.connection) ?? joined.slots,
      };
    } catch (error) {
      pc.close();
      throw error;
    }
  }

  #use(link: Link): void {
    const former = this.#link;
    this.#link = link;
    former?.pc.close();
    this.#slotNews.clear();
    const now = this.#deps.now();
    this.#watchdog = new Watchdog(now);
    this.#sample = undefined;
    this.#muted = "";
    link.pc.addEventListener("connectionstatechange", () => {
      if (this.#link === link && link.pc.connectionState === "failed") this.#lose();
    });
    void limitSenders(link.pc, this.#audioFirst.held);
    this.#set({ phase: "connected", lostAt: undefined });
    this.#show();
    this.#tellMutes();
    this.#ticker ??= setInterval(() => void this.#look(), tick);
  }

  /** Media has died: join again beside it. */
  #lose(grace = lossGrace): void {
    if (this.#state.phase !== "connected") return;
    this.#set({ phase: "reconnecting", lostAt: this.#deps.now(), rejoins: this.#state.rejoins + 1 });
    clearTimeout(this.#graceTimer);
    this.#graceTimer = setTimeout(() => void this.#join(), grace);
  }

  // ---- watching

  async #look(): Promise<void> {
    const link = this.#link;
    if (!link || this.#state.phase !== "connected") return;
    const report = await link.pc.getStats().catch(() => undefined);
    if (!report || link !== this.#link || this.#state.phase !== "connected") return;
    const now = this.#deps.now();
    const sample = readSample(report, now);
    const expected =
      this.local.tracks.microphone !== null ||
      this.#state.people.some((p) => p.audio !== undefined && p.joined);
    if (this.#watchdog.dead(now, sample.packets, expected, link.pc.connectionState)) {
      this.#lose();
      return;
    }
    if (!this.#sample) {
      this.#sample = sample;
    } else if (sample.at - this.#sample.at >= 2 * tick - 100) {
      const between = rates(this.#sample, sample);
      this.#sample = sample;
      const level = this.#meter.add(grade(between));
      const wasHeld = this.#audioFirst.held;
      const pictureHeld = this.#audioFirst.add(between);
      if (pictureHeld !== wasHeld) void limitSenders(link.pc, pictureHeld);
      this.#set({ level, rates: between, pictureHeld });
    }
  }

  #muted = "";

  /** Tells the others what is muted, whenever it differs from what was told on this connection. */
  #tellMutes(): void {
    const { callId, phase } = this.#state;
    const link = this.#link;
    if (!link || !callId || phase !== "connected") return;
    const { microphone, camera } = this.local.snapshot();
    const audio = microphone.state !== "on";
    const video = camera.state !== "on";
    const told = `${link.connection} ${audio} ${video}`;
    if (told === this.#muted) return;
    this.#muted = told;
    this.#deps.signal
      .command("call.mute", { callId, connection: link.connection, audio, video }, { resend: true })
      .catch(() => undefined);
  }

  // ---- the others

  #roster(participants: readonly Participant[]): void {
    for (const p of participants) {
      const known = this.#known.get(p.id);
      if (p.id === this.#participantId) continue;
      this.#known.set(p.id, {
        participantId: p.id,
        userId: p.userId,
        name: p.name,
        role: p.role,
        side: p.side,
        joined: known?.connection ? known.joined : (p.connected ?? false),
        audioMuted: known?.audioMuted ?? false,
        videoMuted: known?.videoMuted ?? false,
        connection: known?.connection,
      });
    }
    this.#show();
  }

  #participant(event: {
    callId: string;
    participantId: string;
    connection?: string;
    userId: string;
    name: string;
    role: string;
    change: "joined" | "left" | "muted";
    audioMuted: boolean;
    videoMuted: boolean;
    reason?: string;
  }): void {
    if (event.callId !== this.#state.callId || !this.active) return;
    if (event.participantId === this.#participantId) {
      if (event.change === "left" && event.connection === this.#link?.connection) this.#evicted(event.reason);
      return;
    }
    const known = this.#known.get(event.participantId);
    // A person who connects again joins with the new connection before the old one leaves.
    if (
      event.change === "left" &&
      known?.connection &&
      event.connection &&
      known.connection !== event.connection
    )
      return;
    this.#known.set(event.participantId, {
      participantId: event.participantId,
      userId: event.userId,
      name: event.name,
      role: event.role,
      side: known?.side,
      joined: event.change !== "left",
      audioMuted: event.audioMuted,
      videoMuted: event.videoMuted,
      connection: event.connection ?? known?.connection,
    });
    this.#show();
  }

  /** The relay let our connection go. */
  #evicted(reason: string | undefined): void {
    if (reason === "replaced") {
      this.#finish({ phase: "elsewhere" });
    } else if (reason === "room_closed") {
      clearTimeout(this.#graceTimer);
      this.#graceTimer = setTimeout(() => this.#lose(0), endGrace);
    } else if (reason !== "left") {
      this.#lose();
    }
  }

  /** Puts tracks to people. */
  #show(): void {
    const link = this.#link;
    const places = link ? seats(link.slots) : new Map<string, never>();
    const stream = (mid: string | undefined) => (link ? this.#stream(link.pc, mid) : undefined);
    const people = Array.from(this.#known.values(), (known): CallPerson => {
      const seat = known.joined ? places.get(known.participantId) : undefined;
      const { participantId, userId, name, role, side, joined, audioMuted, videoMuted } = known;
      return {
        participantId,
        userId,
        name,
        role,
        side,
        joined,
        audioMuted,
        videoMuted,
        audio: stream(seat?.audio),
        video: videoMuted ? undefined : stream(seat?.video),
        screen: stream(seat?.screen),
      };
    });
    this.#set({ people });
  }

  /** One lasting stream object for each track, so that elements do not restart. */
  #stream(pc: RTCPeerConnection, mid: string | undefined): MediaStream | undefined {
    const track = trackOf(pc, mid);
    if (!track) return undefined;
    const known = this.#streams.get(track.id);
    if (known?.track === track) return known.stream;
    const stream = new MediaStream([track]);
    this.#streams.set(track.id, { track, stream });
    return stream;
  }

  // ---- ending

  #finish(change: Partial<CallState>): void {
    this.#generation++;
    this.#wake();
    clearInterval(this.#ticker);
    clearTimeout(this.#graceTimer);
    this.#ticker = undefined;
    this.#link?.pc.close();
    this.#reset();
    this.local.stop();
    this.#set({
      people: [],
      rates: undefined,
      level: "good",
      pictureHeld: false,
      lostAt: undefined,
      ...change,
    });
  }

  #reset(): void {
    this.#link = undefined;
    this.#participantId = undefined;
    this.#known.clear();
    this.#slotNews.clear();
    this.#streams.clear();
    this.#meter = new QualityMeter();
    this.#audioFirst = new AudioFirst();
    this.#sample = undefined;
    this.#muted = "";
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #set(change: Partial<CallState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function isFinal(error: unknown): boolean {
  if (error instanceof ApiError) return error.status < 500 && error.status !== 429 && error.status !== 401;
  return error instanceof SignalError && finalCodes.has(error.code);
}

/** Resolves when the connection stands; rejects when it fails or takes too long. */
function connected(pc: RTCPeerConnection, within: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = () => {
      if (pc.connectionState === "connected") end(resolve);
      else if (pc.connectionState === "failed" || pc.connectionState === "closed")
        end(() => reject(new Error("not connected")));
    };
    const timer = setTimeout(() => end(() => reject(new Error("not connected in time"))), within);
    const end = (how: () => void) => {
      clearTimeout(timer);
      pc.removeEventListener("connectionstatechange", check);
      how();
    };
    pc.addEventListener("connectionstatechange", check);
    check();
  });
}
