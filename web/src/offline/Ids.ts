/**
 * Makes UUIDv7 (RFC 9562) that sort in the order in which they were made, also within a millisecond and when the device's clock
 * was put back: the order of acts is the order of their ids, and each id is the act's idempotency key.
 */
export class Ids {
  #last = 0;

  /** Later ids sort after this one. */
  after(id: string): void {
    const ms = Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16);
    if (ms > this.#last) this.#last = ms;
  }

  next(now: number): string {
    this.#last = Math.max(Math.floor(now), this.#last + 1);
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    for (let i = 0; i < 6; i++) bytes[i] = Math.floor(this.#last / 2 ** (8 * (5 - i))) % 256;
    bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
    bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }
}
