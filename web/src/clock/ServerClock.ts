/**
 * The server's clock, as well as it can be known here. Waits and promises are counted on it, because a tablet's own clock
 * may be minutes off.
 *
 * A sample is the server's time in a reply, taken to be the middle of the round trip; the sample with the shortest round
 * trip of the last hour counts, so that one slow reply does not move the clock.
 */
export class ServerClock {
  #offset = 0;
  #error = Number.POSITIVE_INFINITY;
  #sampledAt = Number.NEGATIVE_INFINITY;
  #now: () => number;

  /** @param now the device's clock in ms since 1970 */
  constructor(now: () => number = () => Date.now()) {
    this.#now = now;
  }

  /**
   * Adds a sample.
   * @param serverTime RFC 3339
   * @param roundTrip ms from the request to this call
   */
  sample(serverTime: string, roundTrip: number): void {
    const server = Date.parse(serverTime);
    if (Number.isNaN(server)) return;
    const now = this.#now();
    const offset = server + roundTrip / 2 - now;
    // A jump beyond both samples' uncertainty means that the device's clock was set: the old sample is worthless.
    const jumped = Math.abs(offset - this.#offset) > this.#error + roundTrip + 1000;
    if (roundTrip / 2 > this.#error && !jumped && now - this.#sampledAt < 3_600_000) return;
    this.#offset = offset;
    this.#error = roundTrip / 2;
    this.#sampledAt = now;
  }

  /** Takes over how far off the device's clock was known to be, until the server says it itself. */
  assume(offset: number): void {
    if (this.#sampledAt === Number.NEGATIVE_INFINITY) this.#offset = offset;
  }

  /** The server's time in ms since 1970. */
  now(): number {
    return this.#now() + this.#offset;
  }
}
