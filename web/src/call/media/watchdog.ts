/** A connection that has been silent for longer than this is given up, ms. */
export const silence = 4000;

/** Two looks further apart than this mean that the page was held up, ms. */
const heldUp = 2000;

/**
 * Notices that media has died. Browsers wait half a minute before they say "failed", and some never do; a nurse at a bed
 * does not.
 */
export class Watchdog {
  #packets = -1;
  #since: number;
  #looked: number;

  constructor(now: number) {
    this.#since = now;
    this.#looked = now;
  }

  /**
   * Looks; to be called every second. When the page itself was held up between two looks (a slow device, a tablet that
   * slept), that time is not held against the connection.
   *
   * @param packets packets that arrived so far
   * @param expected whether any should: we send (reports come back), or somebody's source is in a slot
   * @param state of the RTCPeerConnection
   * @returns whether to join again
   */
  dead(now: number, packets: number, expected: boolean, state: RTCPeerConnectionState): boolean {
    if (state === "failed" || state === "closed") return true;
    const between = now - this.#looked;
    this.#looked = now;
    if (between > heldUp) this.#since += between - heldUp;
    const alive = packets !== this.#packets || (!expected && state === "connected");
    this.#packets = packets;
    if (alive) this.#since = now;
    return now - this.#since > silence;
  }
}
