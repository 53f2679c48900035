/** A command's error result, or `disconnected` / `timeout` / `withdrawn` when there was none. `message` is for people when the server gave it. */
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

export interface CommandOptions {
  /** send again on the next session, too, when this one is lost; only for commands that do no harm when carried out twice */
  resend?: boolean;
  /** ms until it is given up; 15 s unless said */
  timeout?: number;
  /** forgets the command, so that it is not sent again */
  abort?: AbortSignal;
}

interface Pending {
  frame: string;
  resolve: (data: never) => void;
  reject: (error: SignalError) => void;
  timer: ReturnType<typeof setTimeout>;
  resend: boolean;
  sent: boolean;
}

/** A command without a result is given up after this, ms. */
const patience = 15_000;

/**
 * The commands without a result yet. Each settles exactly once. One that was sent on a socket that was lost is sent again
 * under the same id when the session is resumed, since the server then answers what it has answered before; a fresh session
 * knows nothing of it, and it fails unless it may be carried out twice.
 */
export class Commands {
  #pending = new Map<string, Pending>();
  #send: (frame: string) => boolean;

  /** @param send sends a frame if the session is open; says whether it did */
  constructor(send: (frame: string) => boolean) {
    this.#send = send;
  }

  add(type: string, fields: object, options: CommandOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = crypto.randomUUID();
      const pending: Pending = {
        frame: JSON.stringify({ type, id, ...fields }),
        resolve,
        reject,
        resend: options.resend ?? false,
        sent: false,
        timer: setTimeout(
          () => this.fail(id, new SignalError("timeout", "timeout")),
          options.timeout ?? patience,
        ),
      };
      options.abort?.addEventListener(
        "abort",
        () => this.fail(id, new SignalError("withdrawn", "withdrawn")),
        { once: true },
      );
      this.#pending.set(id, pending);
      pending.sent = this.#send(pending.frame);
    });
  }

  /** The session is open again: sends what was in flight and what waits. */
  resumed(): void {
    for (const pending of this.#pending.values()) pending.sent = this.#send(pending.frame);
  }

  /** Another session has begun. */
  begun(): void {
    for (const [id, pending] of this.#pending) {
      if (pending.sent && !pending.resend) this.fail(id, new SignalError("disconnected", "disconnected"));
      else pending.sent = this.#send(pending.frame);
    }
  }

  succeed(id: string, data: unknown): void {
    this.#settle(id, (p) => p.resolve(data as never));
  }

  fail(id: string, error: SignalError): void {
    this.#settle(id, (p) => p.reject(error));
  }

  /** No session will come. */
  failAll(error: SignalError): void {
    for (const id of this.#pending.keys()) this.fail(id, error);
  }

  #settle(id: string, how: (pending: Pending) => void): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    how(pending);
  }
}
