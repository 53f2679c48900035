import { createEmitter, type Emitter } from "./emitter";
import {
  closeAction,
  type CommandName,
  type Commands,
  type EventName,
  type Events,
  type ServerFrame,
  subprotocol,
  type Welcome,
} from "./protocol";

/** The socket as a person should see it. */
export type SignalStatus =
  | { phase: "idle" } // not wanted
  | { phase: "connecting" }
  | { phase: "open" }
  | { phase: "waiting"; attempt: number } // lost, tries again
  | { phase: "stopped"; code: number; action: "pause" | "report" };

/** A command's error result, or `disconnected` / `timeout` when no result came. `message` is for people when the server gave it. */
export class SignalError extends Error {
  override readonly name = "SignalError";
  constructor(
    readonly code: string,
    message: string,
    readonly args: Record<string, string> = {},
  ) {
    super(message);
  }
}

/** What the client tells besides the events of the protocol. */
interface Notices {
  status: SignalStatus;
  welcome: Welcome & { roundTrip: number };
  /** Frames were or may have been missed: read everything again. */
  missed: undefined;
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
  target?: Pick<Window, "addEventListener">;
}

interface Pending {
  frame: string;
  resolve: (data: never) => void;
  reject: (error: SignalError) => void;
  timer: ReturnType<typeof setTimeout>;
  /** goes out again on the next session when the socket is lost before the result */
  resend: boolean;
  sent: boolean;
}

const backOffFirst = 500;
const backOffMost = 30_000;
/** A command without a result is given up after this, ms. */
const patience = 15_000;
/** No welcome within this: the socket is given up, ms. */
const welcomeWithin = 10_000;
/** The server pings every 20 s, which scripts cannot see; a half-open socket shows by commands only. */
const openState = 1;

/**
 * One WebSocket to the server, held open while wanted. Owns connecting, back-off, the hello, token renewal, command ids and
 * the sequence check. It knows nothing of React and of what events mean.
 *
 * Invariants:
 *  - at most one socket is alive, and frames of an earlier one are ignored;
 *  - each command settles exactly once;
 *  - after a gap in `seq`, and after every welcome but the first, `missed` is told before any further event.
 */
export class SignalClient {
  #deps: Required<Omit<SignalDeps, "target">>;
  #events: Emitter<Events> = createEmitter<Events>();
  #notices: Emitter<Notices> = createEmitter<Notices>();
  #status: SignalStatus = { phase: "idle" };
  #socket: WebSocket | undefined;
  #seq = 0;
  #welcomes = 0;
  #attempt = 0;
  #refused = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #helloAt = 0;
  #helloToken = "";
  #pending = new Map<string, Pending>();

  constructor(deps: SignalDeps) {
    this.#deps = {
      socket: (url, protocol) => new WebSocket(url, protocol),
      random: Math.random,
      now: () => performance.now(),
      ...deps,
    };
    const target = deps.target ?? window;
    target.addEventListener("online", () => this.#hurry());
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

  /** Closes the socket. Commands that wait are refused with `disconnected`. */
  stop(): void {
    this.#drop();
    this.#attempt = 0;
    this.#refused = 0;
    this.#welcomes = 0;
    for (const id of this.#pending.keys()) this.#fail(id, new SignalError("disconnected", "disconnected"));
    this.#setStatus({ phase: "idle" });
  }

  /** A new access token: told to the server on the open socket. */
  tokenChanged(token: string | undefined): void {
    if (!token) {
      this.stop();
    } else if (this.#status.phase === "open" && token !== this.#helloToken) {
      this.#helloToken = token;
      // A refused renewal ends in close 3005 and is mended there.
      this.command("token.renew", { token }).catch(() => undefined);
    }
  }

  /**
   * Sends a command and gives the data of its result. Waits for the connection up to 15 s in all.
   *
   * @param options.resend send again on the next session when the socket is lost before the result; only for commands that
   *   do no harm when they are carried out twice
   * @throws SignalError
   */
  command<C extends CommandName>(
    type: C,
    fields: Commands[C]["fields"],
    options: { resend?: boolean; timeout?: number } = {},
  ): Promise<Commands[C]["data"]> {
    return new Promise((resolve, reject) => {
      const id = crypto.randomUUID();
      const pending: Pending = {
        frame: JSON.stringify({ type, id, ...fields }),
        resolve,
        reject,
        resend: options.resend ?? false,
        sent: false,
        timer: setTimeout(
          () => this.#fail(id, new SignalError("timeout", "timeout")),
          options.timeout ?? patience,
        ),
      };
      this.#pending.set(id, pending);
      this.#send(pending);
    });
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
    this.#seq = 0;
    const mine = () => this.#socket === socket;
    socket.addEventListener("open", () => {
      if (!mine()) return;
      this.#helloAt = this.#deps.now();
      this.#helloToken = token;
      socket.send(JSON.stringify({ type: "hello", token, locale: this.#deps.locale() }));
    });
    socket.addEventListener("message", (event: MessageEvent<unknown>) => {
      if (mine()) this.#receive(event.data);
    });
    socket.addEventListener("close", (event: CloseEvent) => {
      if (mine()) this.#closed(event.code);
    });
    this.#timer = setTimeout(() => {
      if (mine()) this.#closed(0);
    }, welcomeWithin);
  }

  /** Lets go of the socket without further ado. */
  #drop(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #closed(code: number): void {
    this.#drop();
    for (const [id, pending] of this.#pending) {
      if (!pending.sent) continue;
      if (pending.resend) pending.sent = false;
      else this.#fail(id, new SignalError("disconnected", "disconnected"));
    }
    const action = closeAction(code);
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
    this.#deps.refresh(this.#helloToken).then(
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

  /** Full jitter: anything between nothing and a bound that doubles from 0.5 s to 30 s. */
  #retry(): void {
    const bound = Math.min(backOffMost, backOffFirst * 2 ** this.#attempt);
    this.#attempt++;
    this.#setStatus({ phase: "waiting", attempt: this.#attempt });
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), this.#deps.random() * bound);
  }

  #hurry(): void {
    if (this.#status.phase !== "waiting") return;
    this.#attempt = 0;
    this.#connect();
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
    const expected = this.#seq + 1;
    this.#seq = frame.seq;
    if (frame.type === "welcome") {
      this.#welcome(frame);
      return;
    }
    if (frame.seq !== expected) this.#notices.emit("missed", undefined);
    if (frame.type === "result") {
      if (frame.ok) this.#settle(frame.id, (p) => p.resolve((frame.data ?? {}) as never));
      else {
        const { code = "internal", message = "", args = {} } = frame.error ?? {};
        this.#fail(frame.id, new SignalError(code, message, args));
      }
    } else if (frame.type === "event") {
      this.#events.emit(frame.event as EventName, frame.data as never);
    }
  }

  #welcome(frame: Welcome): void {
    clearTimeout(this.#timer);
    this.#attempt = 0;
    this.#refused = 0;
    this.#welcomes++;
    this.#setStatus({ phase: "open" });
    this.#notices.emit("welcome", { ...frame, roundTrip: this.#deps.now() - this.#helloAt });
    // The session before this one may have missed events between its loss and now.
    if (this.#welcomes > 1) this.#notices.emit("missed", undefined);
    this.tokenChanged(this.#deps.token());
    for (const pending of this.#pending.values()) this.#send(pending);
  }

  #send(pending: Pending): void {
    if (pending.sent || this.#status.phase !== "open" || this.#socket?.readyState !== openState) return;
    pending.sent = true;
    this.#socket.send(pending.frame);
  }

  #settle(id: string, how: (pending: Pending) => void): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    how(pending);
  }

  #fail(id: string, error: SignalError): void {
    this.#settle(id, (p) => p.reject(error));
  }

  #setStatus(status: SignalStatus): void {
    this.#status = status;
    this.#notices.emit("status", status);
  }
}
