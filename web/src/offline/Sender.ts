import { ApiError, NetworkError } from "../api/errors";
import { type Act, nextToSend } from "./acts";
import type { Log } from "./Log";

export interface SenderDeps {
  log: Log;
  /** sends one act; throws ApiError for a refusal, NetworkError for no answer */
  send: (act: Act) => Promise<unknown>;
  /** the server has taken an act, with its answer */
  applied: (act: Act, answer: unknown) => void;
  /** whether somebody is signed in to whom the acts belong */
  ready: () => boolean;
  locks?: Pick<LockManager, "request"> | undefined;
  /** runs later; returns how to give it up */
  later?: (work: () => void, ms: number) => () => void;
}

const lock = "lz-offline-send";
const first = 3_000;
const longest = 300_000;

/** Answers that say "not now" and nothing about the act. */
const passing = new Set([401, 408, 425, 429]);

/**
 * Sends what is in the log, one act after the other, in one tab at a time. It is nudged when something was written, when the
 * network or the server comes back, when the page is looked at again and when a sign-in begins; otherwise it tries by itself,
 * more and more seldom. An act that was not taken is held for the person, and the others go on.
 */
export class Sender {
  #deps: SenderDeps;
  #running: Promise<void> | undefined;
  #again = false;
  #wait = first;
  #stopTimer: (() => void) | undefined;

  constructor(deps: SenderDeps) {
    this.#deps = deps;
  }

  /** Sends now, if there is something to send. Resolves when everything that can be sent was. */
  nudge = (): Promise<void> => {
    this.#stopTimer?.();
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#underLock().finally(() => {
      this.#running = undefined;
      if (this.#again) {
        this.#again = false;
        void this.nudge();
      }
    });
    return this.#running;
  };

  /** The waiting begins short again: something has changed. */
  fresh(): void {
    this.#wait = first;
  }

  async #underLock(): Promise<void> {
    if (!this.#deps.ready()) return;
    const { locks } = this.#deps;
    if (locks) await locks.request(lock, () => this.#drain());
    else await this.#drain();
  }

  async #drain(): Promise<void> {
    const { log, send, applied, ready } = this.#deps;
    await log.load(); // another tab may have sent
    for (;;) {
      const act = nextToSend(log.snapshot());
      if (!act || !ready()) return;
      try {
        await log.trying(act);
        const answer = await send(act);
        await log.sent(act, answer);
        applied(act, answer);
        this.#wait = first;
      } catch (error) {
        if (!(error instanceof ApiError) || error.status >= 500 || passing.has(error.status)) {
          this.#tryLater();
          if (!(error instanceof ApiError) && !(error instanceof NetworkError)) throw error;
          return;
        }
        await log.hold({ ...act, tries: act.tries + 1 }, { status: error.status, problem: error.problem });
      }
    }
  }

  #tryLater(): void {
    const { later = afterwards } = this.#deps;
    this.#stopTimer = later(() => void this.nudge(), this.#wait);
    this.#wait = Math.min(longest, this.#wait * 2);
  }
}

function afterwards(work: () => void, ms: number): () => void {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
}
