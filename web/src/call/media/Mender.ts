import { ApiError } from "../../api/errors";
import { SignalError } from "../../signaling/SignalClient";

/** Why the connection to the relay has to be made anew. */
export type Loss =
  | "silent" // no packets; it may come back by itself
  | "failed" // the browser gave it up
  | "evicted" // the relay let it go
  | "moved"; // the call lives on another node now

/** A try to join that is under way. */
export interface Try {
  abort: AbortController;
  began: number;
  /** another one has failed before it */
  again: boolean;
  /** the relay may have taken our former connection's place away */
  sent: boolean;
  /** a relay has answered: the connection is being made to that one */
  answered: boolean;
}

export interface MenderDeps {
  /** whether the server can be reached now */
  reach: () => Promise<boolean>;
  /** one try to join; throws when it fails */
  join: (current: Try) => Promise<void>;
  now: () => number;
  random: () => number;
}

/** One connection that is to be made. */
export interface Errand {
  /** a former connection is replaced: the server is asked first whether it can be reached */
  repair: boolean;
  /** ms to wait first */
  before: number;
  /** whether the connection is still to be made */
  wanted: () => boolean;
  onReachable: (reachable: boolean) => void;
  /** the server refuses; another try does not mend it */
  onRefused: (error: Error) => void;
}

const backOffFirst = 500;
const backOffMost = 3000;
/** When the network is back: a moment in which media may come back by itself, ms. */
const comeBack = 1500;
/** Between two questions whether the network is back, ms. */
const askAgain = 1000;
/** A try that is older than this when the network or the node changes was made over the former one, ms. */
const staleTry = 1500;
/** After a join that was given up: for so long the relay may still carry it out, and put us out with it, ms. */
const echo = 20_000;

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

/**
 * When a page tries to join: at once, after a failure with full jitter from 0.5 s to 3 s, never while the server does not
 * answer, and never twice at a time.
 */
export class Mender {
  #deps: MenderDeps;
  #errand: Errand | undefined;
  #try: Try | undefined;
  /** the former connection will not come back by itself */
  #hopeless = false;
  /** the next try is as good as the first */
  #anew = false;
  #givenUpAt = Number.NEGATIVE_INFINITY;
  #wake: () => void = () => undefined;

  constructor(deps: MenderDeps) {
    this.#deps = deps;
  }

  /** Joins until it works, is refused for good, or is no longer wanted. One errand at a time; another replaces it. */
  async run(errand: Errand): Promise<void> {
    const running = this.#errand;
    if (running?.wanted()) return;
    this.#errand = errand;
    const { repair, wanted } = errand;
    if (errand.before > 0) await this.#pause(errand.before);
    let failures = 0;
    let dark = false;
    while (wanted()) {
      if (repair) {
        const reachable = await this.#deps.reach();
        if (!wanted()) break;
        errand.onReachable(reachable);
        if (!reachable) {
          dark = true;
          await this.#pause(askAgain);
          continue;
        }
        if (dark && !this.#hopeless) await rest(comeBack);
        dark = false;
        if (!wanted()) break;
      }
      const error = await this.#once(failures > 0);
      if (!error || !wanted()) break;
      if (isFinal(error)) {
        errand.onRefused(error);
        break;
      }
      failures = this.#anew ? 0 : failures + 1;
      this.#anew = false;
      await this.#pause(this.#deps.random() * Math.min(backOffMost, backOffFirst * 2 ** failures));
    }
    if (this.#errand === errand) this.#errand = undefined;
  }

  /** The former connection is gone for good: it need not be waited for. */
  giveUpFormer(hopeless: boolean): void {
    this.#hopeless = hopeless;
  }

  /** Whether the former connection would be kept if it came back by itself. */
  get mayComeBack(): boolean {
    return !this.#hopeless && !this.#try?.sent;
  }

  /** Whether a join of ours may just be putting our own connection out. */
  get mayReplace(): boolean {
    return this.#try !== undefined || this.#deps.now() - this.#givenUpAt < echo;
  }

  /** Something happened that makes it worth trying at once. */
  hurry(): void {
    this.#wake();
  }

  /**
   * The call is on another node now. A join that waits for its answer is kept: the server carries it out where the call is, and
   * would do so beside another one. A connection that is being made to the former node is given up.
   */
  callMoved(): void {
    if (this.#try?.answered || (this.#try && !this.#try.sent && this.#stale(this.#try))) this.#restart();
    else this.#wake();
  }

  /** The network is another: a try that was made over the former one is given up. */
  networkChanged(): void {
    if (this.#try && this.#stale(this.#try)) this.#restart();
    else this.#wake();
  }

  #stale(current: Try): boolean {
    return this.#deps.now() - current.began > staleTry;
  }

  /** Gives up the try that is under way, for one under better circumstances. */
  #restart(): void {
    this.#anew = true;
    this.stop();
  }

  /** Gives up the try that is under way. */
  stop(): void {
    this.#try?.abort.abort();
    this.#wake();
  }

  /** Forgets all, for another call. */
  reset(): void {
    this.stop();
    this.#try = undefined;
    this.#errand = undefined;
    this.#hopeless = false;
    this.#anew = false;
    this.#givenUpAt = Number.NEGATIVE_INFINITY;
  }

  /** One try. Gives what went wrong. */
  async #once(again: boolean): Promise<Error | undefined> {
    const current: Try = {
      abort: new AbortController(),
      began: this.#deps.now(),
      again,
      sent: false,
      answered: false,
    };
    this.#try = current;
    try {
      await this.#deps.join(current);
      return undefined;
    } catch (error) {
      if (current.sent) this.#givenUpAt = this.#deps.now();
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      if (this.#try === current) this.#try = undefined;
    }
  }

  /** Waits, unless it is hurried. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function isFinal(error: Error): boolean {
  if (error instanceof ApiError) return error.status < 500 && error.status !== 429 && error.status !== 401;
  return error instanceof SignalError && finalCodes.has(error.code);
}

function rest(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
