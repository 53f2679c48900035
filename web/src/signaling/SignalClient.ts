import { type CommandOptions, Commands as CommandTable, SignalError } from "./Commands";
import { createEmitter, type Emitter } from "./emitter";
import {
  closeAction,
  type CommandName,
  type Commands,
  type EventFrame,
  type EventName,
  type Events,
  type Resumed,
  type ServerFrame,
  subprotocol,
  type Welcome,
} from "./protocol";
import { Streams } from "./Streams";

export { SignalError } from "./Commands";

/** The socket as a person should see it. */
export type SignalStatus =
  | { phase: "idle" } // not wanted
  | { phase: "connecting" }
  | { phase: "open" }
  | { phase: "waiting"; attempt: number } // lost, tries again
  | { phase: "stopped"; code: number; action: "pause" | "report" };

/** What the first frame of a session says, with the ms between asking and hearing. */
export type Opened = (Welcome | Resumed) & { roundTrip: number };

/** What the client tells besides the events of the protocol. */
export interface Notices {
  status: SignalStatus;
  /** A fresh session. Whatever was read before it may be out of date. */
  welcome: Welcome & { roundTrip: number };
  /** The former session goes on; all that was missed follows as events. */
  resumed: Resumed & { roundTrip: number };
  /** The server ended the sign-in. */
  signIn: undefined;
  changePassword: undefined;
}

export interface SignalDeps {
  url: string;
  /** the present access token */
  token: () => string | undefined;
  /** a newer one than the given; undefined when signed out; throws when nobody answered */
  refresh: (stale: string) => Promise<string | undefined>;
  locale: () => string;
  socket?: (url: string, protocol: string) => WebSocket;
  random?: () => number;
  now?: () => number;
}

/** ms; the bound of the first pause, which doubles from try to try up to `most` */
const backOffFirst = 500;
/** How patient the client is, ms: ordinarily, and while somebody is in a call. */
const manners = {
  calm: { most: 30_000, openWithin: 10_000, silentFor: 30_000 },
  urgent: { most: 3000, openWithin: 4000, silentFor: 10_000 },
} as const;
/** A socket that does not answer a question within this is dead, ms; on a slow line within four times what it last took. */
const answerWithin = 3000;
/** No line is so slow that it is worth waiting longer, ms. */
const patienceMost = 15_000;
/** A second hole within this means that resuming does not mend it, ms. */
const holeAgain = 60_000;
const socketOpen = 1;

/**
 * One WebSocket to the server, held open while wanted. Owns connecting, back-off, hello and resume, token renewal, the
 * positions of the streams, and noticing that a socket is dead. It knows nothing of React and of what events mean.
 *
 * Invariants:
 *  - at most one socket is alive, and frames of an earlier one are ignored;
 *  - each command settles exactly once;
 *  - each event is told once and in the order of its stream; before an event that would leave a hole the session is resumed,
 *    and when it cannot be, a `welcome` says that everything has to be read again;
 *  - an event that wants it is acknowledged after its listeners have run, also when it came before.
 */
export class SignalClient {
  #deps: Required<SignalDeps>;
  #events: Emitter<Events> = createEmitter<Events>();
  #notices: Emitter<Notices> = createEmitter<Notices>();
  #status: SignalStatus = { phase: "idle" };
  #socket: WebSocket | undefined;
  #commands = new CommandTable((frame) => this.#sendIfOpen(frame));
  #streams = new Streams();
  /** the session that can be taken up again */
  #session: { id: string; resume: string } | undefined;
  #attempt = 0;
  #refused = 0;
  #manners: (typeof manners)[keyof typeof manners] = manners.calm;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pulse: ReturnType<typeof setTimeout> | undefined;
  #askedAt = 0;
  #heardAt = 0;
  /** how long the server last took to answer a first frame or a question, ms */
  #pace = 2500;
  /** sockets in a row that were not opened in time */
  #slow = 0;
  /** frames so far */
  #heard = 0;
  #holeAt = Number.NEGATIVE_INFINITY;
  #toldToken = "";

  constructor(deps: SignalDeps) {
    this.#deps = {
      socket: (url, protocol) => new WebSocket(url, protocol),
      random: Math.random,
      now: () => performance.now(),
      ...deps,
    };
  }

  snapshot = (): SignalStatus => this.#status;

  subscribe = (listener: () => void): (() => void) => this.#notices.on("status", listener);

  /** Listens to an event of the protocol. Returns how to stop. */
  on<E extends EventName>(event: E, listener: (data: Events[E]) => void): () => void {
    return this.#events.on(event, listener);
  }

  /** Listens to what happens to the connection. */
  onNotice<N extends keyof Notices>(notice: N, listener: (data: Notices[N]) => void): () => void {
    return this.#notices.on(notice, listener);
  }

  /** Opens the socket, if it is not. Also resumes after `stopped`. */
  start(): void {
    if (this.#status.phase === "idle" || this.#status.phase === "stopped") this.#connect();
  }

  /** Closes the socket and forgets the session. Commands that wait are refused with `disconnected`. */
  stop(): void {
    this.#drop();
    this.#attempt = 0;
    this.#refused = 0;
    this.#session = undefined;
    this.#commands.failAll(new SignalError("disconnected", "disconnected"));
    this.#setStatus({ phase: "idle" });
  }

  /** A call is on: the socket is missed at once, and is looked for every few seconds. */
  setUrgent(urgent: boolean): void {
    this.#manners = urgent ? manners.urgent : manners.calm;
  }

  /** A new access token: told to the server on the open socket. */
  tokenChanged(token: string | undefined): void {
    if (!token) {
      this.stop();
    } else if (this.#status.phase === "open" && token !== this.#toldToken) {
      this.#toldToken = token;
      // A refused renewal ends in close 3005 and is mended there.
      this.command("token.renew", { token }).catch(() => undefined);
    }
  }

  /**
   * Sends a command and gives the data of its result. Waits for the connection up to 15 s in all.
   *
   * @throws SignalError
   */
  command<C extends CommandName>(
    type: C,
    fields: Commands[C]["fields"],
    options: CommandOptions = {},
  ): Promise<Commands[C]["data"]> {
    return this.#commands.add(type, fields, options) as Promise<Commands[C]["data"]>;
  }

  /**
   * The device came back online, changed its network, woke up or is looked at again: a socket that waits is opened at once,
   * one that is open has to prove that it lives.
   *
   * @param slept ms for which the device slept; the server has given up a socket that was silent for so long
   */
  nudge(slept = 0): void {
    if (this.#status.phase === "waiting") this.#hurry();
    else if (this.#status.phase === "open" && slept >= manners.calm.silentFor) this.#lost();
    else if (this.#status.phase === "open") void this.reach();
  }

  /**
   * Whether the server can be reached now. A socket that does not answer is given up and made anew.
   *
   * @param within ms; a few seconds unless said
   */
  async reach(within = Math.min(patienceMost, Math.max(answerWithin, 4 * this.#pace))): Promise<boolean> {
    if (this.#status.phase === "waiting") this.#hurry();
    if (this.#status.phase !== "open") return this.#opens(within);
    const socket = this.#socket;
    const heard = this.#heard;
    const asked = this.#deps.now();
    // The cheapest question that everybody may ask. Whatever arrives meanwhile is an answer, too.
    const token = this.#deps.token() ?? "";
    await this.command("token.renew", { token }, { timeout: within }).catch(() => undefined);
    if (socket !== this.#socket) return this.#status.phase === "open";
    if (this.#heard !== heard) {
      this.#pace = this.#deps.now() - asked;
      return true;
    }
    this.#lost();
    return false;
  }

  // ---- connecting

  #connect(): void {
    this.#drop();
    const token = this.#deps.token();
    if (!token) {
      this.#setStatus({ phase: "idle" });
      return;
    }
    if (this.#status.phase !== "waiting") this.#setStatus({ phase: "connecting" });
    const socket = this.#deps.socket(this.#deps.url, subprotocol);
    this.#socket = socket;
    const mine = () => this.#socket === socket;
    socket.addEventListener("open", () => {
      if (mine()) this.#ask(token);
    });
    socket.addEventListener("message", (event: MessageEvent<unknown>) => {
      if (mine()) this.#receive(event.data);
    });
    socket.addEventListener("close", (event: CloseEvent) => {
      if (mine()) this.#closed(event.code);
    });
    // Twice as patient each time, or a line that is merely slow would never be opened.
    const within = Math.max(this.#manners.openWithin, 4 * this.#pace) * 2 ** this.#slow;
    this.#timer = setTimeout(
      () => {
        if (!mine()) return;
        this.#slow++;
        this.#closed(0);
      },
      Math.min(patienceMost, within),
    );
  }

  /** The first frame: takes the session up again, or asks for one. */
  #ask(token: string): void {
    this.#askedAt = this.#deps.now();
    const locale = this.#deps.locale();
    if (this.#session) {
      const { id, resume } = this.#session;
      this.#sendRaw({ type: "resume", session: id, resume, positions: this.#streams.positions, locale });
    } else {
      this.#toldToken = token;
      this.#sendRaw({ type: "hello", token, locale });
    }
  }

  /** Lets go of the socket without further ado. */
  #drop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#pulse);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  /** The socket is dead, though the browser has not noticed. */
  #lost(): void {
    this.#drop();
    this.#attempt = 0;
    this.#setStatus({ phase: "waiting", attempt: 0 });
    this.#connect();
  }

  #closed(code: number): void {
    this.#drop();
    const action = closeAction(code);
    // What ends a sign-in or reports a fault leaves no session to take up.
    if (action !== "retry" && action !== "renew") this.#session = undefined;
    switch (action) {
      case "retry":
        this.#retry();
        break;
      case "renewOnce":
        this.#refused++;
        if (this.#refused > 1) {
          this.stop();
          this.#notices.emit("signIn", undefined);
          break;
        }
        this.#renewThenRetry();
        break;
      case "renew":
        this.#renewThenRetry();
        break;
      case "signIn":
      case "changePassword":
        this.stop();
        this.#notices.emit(action, undefined);
        break;
      default:
        this.#setStatus({ phase: "stopped", code, action });
    }
  }

  #renewThenRetry(): void {
    this.#setStatus({ phase: "waiting", attempt: this.#attempt });
    this.#deps.refresh(this.#toldToken).then(
      (token) => {
        if (this.#status.phase !== "waiting") return;
        if (token) this.#retry();
        else this.stop();
      },
      () => {
        if (this.#status.phase === "waiting") this.#retry();
      },
    );
  }

  /** Full jitter: anything between nothing and a bound that doubles from 0.5 s to 30 s (3 s during a call). */
  #retry(): void {
    const bound = Math.min(this.#manners.most, backOffFirst * 2 ** this.#attempt);
    this.#attempt++;
    this.#setStatus({ phase: "waiting", attempt: this.#attempt });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), this.#deps.random() * bound);
  }

  #hurry(): void {
    // A try that is under way is left alone; it ends by itself.
    if (this.#socket) return;
    this.#attempt = 0;
    this.#connect();
  }

  /** Resolves to true once the session is open, to false after `within` ms. */
  #opens(within: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (open: boolean) => {
        clearTimeout(timer);
        stop();
        resolve(open);
      };
      const timer = setTimeout(() => end(false), within);
      const stop = this.#notices.on("status", ({ phase }) => {
        if (phase === "open") end(true);
      });
    });
  }

  /** Scripts do not see the server's pings: a socket on which nothing came for a while is asked whether it lives. */
  #feel(): void {
    clearTimeout(this.#pulse);
    const socket = this.#socket;
    const quiet = this.#deps.now() - this.#heardAt;
    const wait = this.#manners.silentFor - quiet;
    this.#pulse = setTimeout(
      async () => {
        if (this.#deps.now() - this.#heardAt >= this.#manners.silentFor) await this.reach();
        if (this.#socket === socket && this.#status.phase === "open") this.#feel();
      },
      // Looks every few seconds, since patience may change meanwhile.
      Math.max(1000, Math.min(wait, manners.urgent.silentFor)),
    );
  }

  // ---- frames

  #receive(raw: unknown): void {
    let frame: ServerFrame;
    try {
      frame = JSON.parse(String(raw)) as ServerFrame;
    } catch {
      this.#closed(0);
      return;
    }
    this.#heardAt = this.#deps.now();
    this.#heard++;
    switch (frame.type) {
      case "welcome":
        this.#streams.begin(frame.positions ?? []);
        this.#open(frame);
        this.#notices.emit("welcome", { ...frame, roundTrip: this.#deps.now() - this.#askedAt });
        this.#commands.begun();
        this.tokenChanged(this.#deps.token());
        break;
      case "resumed":
        this.#open(frame);
        this.#notices.emit("resumed", { ...frame, roundTrip: this.#deps.now() - this.#askedAt });
        this.#commands.resumed();
        this.tokenChanged(this.#deps.token());
        break;
      case "reload":
        this.#session = undefined;
        this.#ask(this.#deps.token() ?? "");
        break;
      case "position":
        this.#streams.advance(frame.positions);
        break;
      case "result":
        if (frame.ok) {
          this.#commands.succeed(frame.id, frame.data ?? {});
        } else {
          const { code = "internal", message = "", args = {} } = frame.error ?? {};
          this.#commands.fail(frame.id, new SignalError(code, message, args));
        }
        break;
      case "event":
        this.#event(frame);
        break;
    }
  }

  #open(frame: Welcome | Resumed): void {
    clearTimeout(this.#timer);
    this.#attempt = 0;
    this.#refused = 0;
    this.#slow = 0;
    this.#pace = this.#deps.now() - this.#askedAt;
    // A node of an older build gives no resume token: then each session is a fresh one.
    this.#session = frame.resume ? { id: frame.session, resume: frame.resume } : undefined;
    this.#setStatus({ phase: "open" });
    this.#feel();
  }

  #event({ event, data, stream, seq, prev, ack }: EventFrame): void {
    const numbered = stream !== undefined && seq !== undefined && prev !== undefined;
    const verdict = numbered ? this.#streams.take(stream, seq, prev) : "new";
    if (verdict === "hole") {
      this.#hole();
      return;
    }
    if (verdict === "new") this.#events.emit(event as EventName, data as never);
    if (numbered && ack) this.#sendRaw({ type: "ack", stream, seq });
  }

  /** Something before this event never came: the server replays it, or says that it cannot. */
  #hole(): void {
    const now = this.#deps.now();
    if (now - this.#holeAt < holeAgain) this.#session = undefined;
    this.#holeAt = now;
    this.#drop();
    this.#retry();
  }

  #sendIfOpen(frame: string): boolean {
    if (this.#status.phase !== "open" || this.#socket?.readyState !== socketOpen) return false;
    this.#socket.send(frame);
    return true;
  }

  #sendRaw(frame: object): void {
    if (this.#socket?.readyState === socketOpen) this.#socket.send(JSON.stringify(frame));
  }

  #setStatus(status: SignalStatus): void {
    this.#status = status;
    this.#notices.emit("status", status);
  }
}
