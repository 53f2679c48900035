/** Whether packets should arrive at all. */
export type Expected =
  | "voices" // somebody's sound comes, fifty packets a second
  | "reports" // only the relay's reports on what we send, about one a second
  | "nothing";

/** A connection that has been silent for longer than this is doubtful, ms. */
const silence: Record<Expected, number> = { voices: 1900, reports: 4900, nothing: 4900 };
/** The same when there is reason for doubt: the device slept, or changed its network. */
const doubtful = 900;
/** For how long such a reason counts, ms. */
const doubtFor = 10_000;

/** Two looks further apart than this mean that the page was held up, ms. */
const heldUp = 2000;

/**
 * Notices that media has died. Browsers wait half a minute before they say "failed", and Chromium stays "disconnected" for
 * ever when the line was gone for about 25 s; a nurse at a bed does not wait.
 */
export class Watchdog {
  #packets = -1;
  #since: number;
  #looked: number;
  #doubtUntil = 0;

  constructor(now: number) {
    this.#since = now;
    this.#looked = now;
  }

  /** The device slept or changed its network: the next silence counts sooner. */
  doubt(now: number): void {
    this.#doubtUntil = now + doubtFor;
  }

  /**
   * Looks; to be called every second. When the page itself was held up between two looks (a slow device, a tablet that
   * slept), that time is not held against the connection.
   *
   * @param packets packets that arrived so far, of whatever kind
   * @returns ms without any when that is too long, else 0
   */
  silent(now: number, packets: number, expected: Expected, state: RTCPeerConnectionState): number {
    const between = now - this.#looked;
    this.#looked = now;
    if (between > heldUp) this.#since += between - heldUp;
    const alive = packets !== this.#packets || (expected === "nothing" && state === "connected");
    this.#packets = packets;
    if (alive) this.#since = now;
    const quiet = now - this.#since;
    const limit = now < this.#doubtUntil ? doubtful : silence[expected];
    return quiet > limit ? quiet : 0;
  }
}
