import type { DeviceNews } from "../../clock/DeviceWatch";
import type { Slot } from "../../signaling/protocol";
import { SignalError, type SignalClient } from "../../signaling/SignalClient";
import { join, type JoinDeps, type Link } from "./join";
import type { LocalMedia } from "./LocalMedia";
import { type Loss, Mender, type Try } from "./Mender";
import { OwnMemory } from "./OwnMemory";
import { addLayout, limitSenders, senderOf } from "./peer";
import { AudioFirst, grade, QualityMeter, rates } from "./quality";
import { Roster } from "./Roster";
import { seats } from "./slots";
import { type CallState, idle } from "./state";
import { type DebugSummary, readDebug, readSample, type Sample } from "./stats";
import { TrackStreams } from "./TrackStreams";
import { Watchdog } from "./watchdog";

export type { CallPerson } from "./Roster";
export type { CallPhase, CallState } from "./state";

export interface EngineDeps {
  ticket: JoinDeps["ticket"];
  signal: Pick<SignalClient, "command" | "on" | "onNotice" | "reach">;
  local: LocalMedia;
  peer?: JoinDeps["peer"];
  prepare?: JoinDeps["prepare"];
  memory?: OwnMemory;
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
  /** the call that is open for the consultation, where it is known */
  callId?: string;
}

const tick = 1000;
/** So that the pages of a node that died do not all come in the same moment, ms at most. */
const jitter = 400;
/** Before joining again: a moment for `call.ended` to arrive, since an ended call also closes our connection, ms. */
const lossGrace = 500;
/** The same when the relay said that it closed the room. */
const endGrace = 2000;
/** More than these packets after a silence: the connection is back. */
const signsOfLife = 2;

/**
 * A call from entering to leaving, without React: local media, the connection to the relay and its repair.
 *
 * What always holds:
 *  - the signaling socket may come and go; media is touched only when media itself has died, its node has, or the server
 *    ended the call;
 *  - a new connection is made beside the old one, and replaces it only when it stands, so that the last picture stays;
 *  - there is one try to join at a time, and a connection that comes back by itself before it was sent is kept;
 *  - while the server does not answer nothing is tried, and as soon as it does media has a moment to come back by itself;
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
  #participantId: string | undefined;
  #roster = new Roster();
  #slotNews = new Map<string, Slot[]>();
  #streams = new TrackStreams();
  #ticker: ReturnType<typeof setInterval> | undefined;
  #graceTimer: ReturnType<typeof setTimeout> | undefined;
  #watchdog = new Watchdog(0);
  #meter = new QualityMeter();
  #audioFirst = new AudioFirst();
  #sample: Sample | undefined;
  /** what was told of our mutes, and on which connection */
  #muted = "";
  /** of the newest state that was read: events up to it are in it */
  #order = 0;
  /** that had come at the last look */
  #packets = 0;
  #mender: Mender;

  constructor(deps: EngineDeps) {
    this.local = deps.local;
    this.#deps = {
      peer: (configuration) => new RTCPeerConnection(configuration),
      prepare: addLayout,
      memory: new OwnMemory(),
      now: () => performance.now(),
      random: Math.random,
      ...deps,
    };
    const { signal, local } = deps;
    this.#mender = new Mender({
      reach: () => signal.reach(),
      join: (current) => this.#join(current),
      now: this.#deps.now,
      random: this.#deps.random,
    });
    local.sendTo((source, track) => {
      const sender = this.#link && senderOf(this.#link.pc, source);
      sender?.replaceTrack(track).catch(() => this.#lose("failed"));
    });
    local.subscribe(() => this.#tellMutes());
    signal.on("call.participant", (event) => {
      if (event.callId !== this.#state.callId || !this.active || this.#known(event.order)) return;
      if (event.participantId !== this.#participantId) {
        this.#roster.event(event);
        this.#show();
      } else if (event.change === "left" && event.connection === this.#link?.connection) {
        this.#evicted(event.reason);
      }
    });
    signal.on("call.slots", ({ connection, order, slots }) => {
      if (this.#known(order)) return;
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
    signal.on("call.moved", ({ callId }) => {
      if (callId === this.#state.callId) this.#lose("moved");
    });
    signal.onNotice("welcome", ({ resume }) => {
      // A fresh session knows nothing of ours, and what happened before it was not told.
      this.#muted = "";
      this.#tellMutes();
      // Nodes of an older build tell by themselves and do not know the question.
      if (resume) void this.#readState();
      this.#mender.hurry();
    });
    signal.onNotice("resumed", () => this.#mender.hurry());
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

  /**
   * Enters a consultation's call. Does nothing when already in it; when the call that is on is about another consultation now (a round), it
   * goes on untouched.
   */
  async enter(consultationId: string, options: EnterOptions = {}): Promise<void> {
    if (this.active && this.#state.consultationId === consultationId) {
      this.#options = { ...this.#options, ...options };
      if (options.path !== undefined) this.#set({ path: options.path });
      return;
    }
    if (this.active && options.callId !== undefined && options.callId === this.#state.callId) {
      this.#options = options;
      this.#muted = ""; // told once more, and kept with the consultation
      this.#set({ consultationId, path: options.path });
      this.#tellMutes();
      return;
    }
    if (this.active) this.leave();
    const mine = ++this.#generation;
    this.#options = options;
    this.#reset();
    this.#set({ ...idle, phase: "starting", consultationId, path: options.path });
    await this.#open(consultationId, options);
    if (mine !== this.#generation) return;
    this.#set({ phase: "joining" });
    await this.#mend(0, false);
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
    this.#mender.hurry();
  }

  /** The device slept, changed its network or is looked at again: media may be dead although nobody said so. */
  nudge({ kind }: DeviceNews): void {
    this.#watchdog.doubt(this.#deps.now());
    if (kind === "visible") this.#mender.hurry();
    else this.#mender.networkChanged();
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

  /** Opens the devices; after a reload as they were before it. */
  async #open(consultationId: string, options: EnterOptions): Promise<void> {
    const kept = this.#deps.memory.read(consultationId);
    const facing = kept?.facing ?? options.facing;
    await this.local.start({
      camera: kept?.camera ?? options.camera ?? true,
      ...(facing ? { facing } : {}),
    });
    if (kept?.microphone === false) await this.local.setMicrophone(false);
    if (kept?.camera === false) await this.local.setCamera(false);
  }

  #mend(before: number, repair: boolean): Promise<void> {
    const mine = this.#generation;
    return this.#mender.run({
      repair,
      before,
      wanted: () => this.#wanted(mine),
      onReachable: (reachable) => reachable !== this.#state.reachable && this.#set({ reachable }),
      onRefused: (error) => this.#finish({ phase: this.#link ? "ended" : "failed", error }),
    });
  }

  /** Whether a connection is still to be made for this generation. */
  #wanted(mine: number): boolean {
    return mine === this.#generation && ["joining", "reconnecting"].includes(this.#state.phase);
  }

  async #join(current: Try): Promise<void> {
    const mine = this.#generation;
    const { consultationId, callId: former } = this.#state;
    if (!consultationId) return;
    const link = await join(this.#deps, {
      consultationId,
      epoch: this.#options.epoch,
      outgoing: () => this.local.tracks,
      abort: current.abort.signal,
      again: current.again,
      onTicket: (ticket) => {
        if (!this.#wanted(mine)) throw new Error("not wanted");
        if (former && ticket.callId !== former) {
          this.#finish({ phase: "ended", endReason: "ended" });
          throw new Error("another call");
        }
        this.#participantId = ticket.participantId;
        this.#roster.ticket(ticket.participants, ticket.participantId);
        this.#set({ callId: ticket.callId, startedAt: ticket.startedAt });
        this.#show();
      },
      onSent: () => (current.sent = true),
      onAnswered: () => (current.answered = true),
    });
    if (this.#wanted(mine)) this.#use(link);
    else link.pc.close();
  }

  #use(link: Link): void {
    const former = this.#link;
    link.slots = this.#slotNews.get(link.connection) ?? link.slots;
    this.#link = link;
    former?.pc.close();
    this.#slotNews.clear();
    // Another node counts for itself.
    this.#order = 0;
    this.#watchdog = new Watchdog(this.#deps.now());
    this.#sample = undefined;
    this.#muted = "";
    link.pc.addEventListener("connectionstatechange", () => {
      if (this.#link === link && link.pc.connectionState === "failed") this.#lose("failed");
    });
    void limitSenders(link.pc, this.#audioFirst.held);
    this.#set({
      phase: "connected",
      lostAt: undefined,
      reachable: true,
      rejoins: this.#state.rejoins + (former ? 1 : 0),
    });
    this.#show();
    this.#tellMutes();
    this.#ticker ??= setInterval(() => void this.#look(), tick);
  }

  // ---- losing

  /** Media has died, or is about to: join again beside it. */
  #lose(loss: Loss, silent = 0): void {
    const { phase } = this.#state;
    if (phase === "connected") {
      this.#mender.giveUpFormer(loss !== "silent");
      this.#set({ phase: "reconnecting", lostAt: this.#deps.now() - silent, reachable: true });
      const grace = loss === "failed" || loss === "evicted" ? lossGrace : 0;
      void this.#mend(grace + this.#deps.random() * jitter, true);
    } else if (phase === "reconnecting" || phase === "joining") {
      if (loss !== "silent") this.#mender.giveUpFormer(true);
      if (loss === "moved") this.#mender.callMoved();
    }
  }

  /** The connection came back by itself. */
  #recover(): void {
    this.#set({ phase: "connected", lostAt: undefined, reachable: true });
    this.#mender.stop();
    this.#watchdog = new Watchdog(this.#deps.now());
    this.#sample = undefined;
    this.#tellMutes();
  }

  /** The relay let our connection go. */
  #evicted(reason: string | undefined): void {
    if (reason === "replaced") {
      // By another page of ours, unless a join of this page that was given up was carried out after all.
      if (this.#mender.mayReplace) this.#lose("evicted");
      else this.#finish({ phase: "elsewhere" });
    } else if (reason === "room_closed") {
      clearTimeout(this.#graceTimer);
      this.#graceTimer = setTimeout(() => this.#lose("evicted"), endGrace);
    } else if (reason !== "left") {
      this.#lose("evicted");
    }
  }

  // ---- watching

  async #look(): Promise<void> {
    const link = this.#link;
    const watched = () =>
      link === this.#link && (this.#state.phase === "connected" || this.#state.phase === "reconnecting");
    if (!link || !watched()) return;
    const report = await link.pc.getStats().catch(() => undefined);
    if (!report || !watched()) return;
    const now = this.#deps.now();
    const sample = readSample(report, now);
    const { connectionState } = link.pc;
    if (this.#state.phase === "reconnecting") {
      const back = sample.packets - this.#packets > signsOfLife && connectionState === "connected";
      if (back && this.#mender.mayComeBack) this.#recover();
      return;
    }
    const voices = this.#state.people.some((p) => p.audio !== undefined && p.joined);
    const expected = voices ? "voices" : this.local.tracks.microphone ? "reports" : "nothing";
    const silent = this.#watchdog.silent(now, sample.packets, expected, connectionState);
    this.#packets = sample.packets;
    if (silent > 0 || connectionState === "failed" || connectionState === "closed") {
      this.#lose(silent > 0 ? "silent" : "failed", silent);
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

  #known(order: number | undefined): boolean {
    return order !== undefined && order <= this.#order;
  }

  /** Reads who is in the call and what the slots carry, after a session in which changes may have gone by. */
  async #readState(): Promise<void> {
    const link = this.#link;
    const { callId, phase } = this.#state;
    if (!link || !callId || phase !== "connected") return;
    try {
      const { connection } = link;
      const { order, participants, slots } = await this.#deps.signal.command("call.state", {
        callId,
        connection,
      });
      if (link !== this.#link) return;
      this.#order = order;
      this.#roster.state(participants, this.#participantId);
      link.slots = slots;
      this.#show();
    } catch (error) {
      const gone = ["not_found", "media_connection_unknown", "media_closed", "call_ended"];
      if (link === this.#link && error instanceof SignalError && gone.includes(error.code))
        this.#lose("evicted");
    }
  }

  /** Tells the others what is muted, whenever it differs from what was told on this connection. */
  #tellMutes(): void {
    const { callId, phase, consultationId } = this.#state;
    const link = this.#link;
    if (!link || !callId || phase !== "connected") return;
    const { microphone, camera } = this.local.snapshot();
    const audio = microphone.state !== "on";
    const video = camera.state !== "on";
    const told = `${link.connection} ${audio} ${video}`;
    if (told === this.#muted) return;
    this.#muted = told;
    if (consultationId) this.#deps.memory.write(consultationId, { microphone, camera });
    this.#deps.signal
      .command("call.mute", { callId, connection: link.connection, audio, video }, { resend: true })
      .catch(() => undefined);
  }

  /** Puts tracks to people. */
  #show(): void {
    const link = this.#link;
    const people = this.#roster.people(seats(link?.slots ?? []), (mid) =>
      link ? this.#streams.of(link.pc, mid) : undefined,
    );
    this.#set({ people });
  }

  // ---- ending

  #finish(change: Partial<CallState>): void {
    this.#generation++;
    clearInterval(this.#ticker);
    clearTimeout(this.#graceTimer);
    this.#ticker = undefined;
    this.#link?.pc.close();
    this.#reset();
    this.#deps.memory.forget();
    this.local.stop();
    this.#set({
      people: [],
      rates: undefined,
      level: "good",
      pictureHeld: false,
      lostAt: undefined,
      reachable: true,
      ...change,
    });
  }

  #reset(): void {
    this.#link = undefined;
    this.#mender.reset();
    this.#participantId = undefined;
    this.#roster.clear();
    this.#slotNews.clear();
    this.#streams.clear();
    this.#meter = new QualityMeter();
    this.#audioFirst = new AudioFirst();
    this.#sample = undefined;
    this.#muted = "";
  }

  #set(change: Partial<CallState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
