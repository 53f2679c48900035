/** What an event frame is to a client that knows its streams up to a point. */
export type Verdict =
  | "new"
  | "known" // told before; the server repeats what was not acknowledged
  | "hole"; // something before it never came

/**
 * How far each stream of events is known here. The server numbers the events of a stream with gaps, since not every event is
 * for everybody, and names with each the number that it told this client before.
 */
export class Streams {
  #known: number[] = [];

  /** Up to where each stream is known, for a resume. */
  get positions(): number[] {
    return [...this.#known];
  }

  /** A fresh session: what is read from now on is complete up to these numbers. */
  begin(positions: readonly number[]): void {
    this.#known = [...positions];
  }

  /** The server says that nothing up to these numbers is left to tell. Never goes back. */
  advance(positions: readonly number[]): void {
    for (const [stream, seq] of positions.entries())
      this.#known[stream] = Math.max(this.#known[stream] ?? 0, seq);
  }

  /** Judges an event and, when it is new, remembers it. */
  take(stream: number, seq: number, prev: number): Verdict {
    const known = this.#known[stream] ?? 0;
    if (seq <= known) return "known";
    if (prev !== known) return "hole";
    this.#known[stream] = seq;
    return "new";
  }
}
