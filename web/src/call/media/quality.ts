import type { Sample } from "./stats";

/** The line as a person notices it. */
export type Level = "good" | "fair" | "poor" | "bad";

export const levels: readonly Level[] = ["good", "fair", "poor", "bad"];

/** What happened between two samples. */
export interface Rates {
  /** share (0–1) of packets lost on the way to us and from us */
  loss: number;
  outLoss: number;
  /** ms */
  rtt: number;
  kbpsIn: number;
  kbpsOut: number;
  /** share (0–1) of the time in which a picture stood still */
  frozen: number;
}

export function rates(before: Sample, after: Sample): Rates {
  const seconds = Math.max(0.001, (after.at - before.at) / 1000);
  // Counters fall when a stream is taken away; that is no loss.
  const grown = (field: "lost" | "received" | "bytesIn" | "bytesOut" | "frozen") =>
    Math.max(0, after[field] - before[field]);
  const lost = grown("lost");
  const packets = lost + grown("received");
  return {
    loss: packets > 20 ? lost / packets : 0,
    outLoss: after.outLoss ?? 0,
    rtt: after.rtt ?? 0,
    kbpsIn: (grown("bytesIn") * 8) / 1000 / seconds,
    kbpsOut: (grown("bytesOut") * 8) / 1000 / seconds,
    frozen: Math.min(1, grown("frozen") / 1000 / seconds),
  };
}

const steps = { loss: [0.02, 0.08, 0.2], rtt: [250, 500, 1000] } as const;

/** A grade for one interval. Frozen pictures alone are never "bad": sound may be well, and a slow device freezes too. */
export function grade(r: Rates): Level {
  const over = (value: number, bounds: readonly number[]) => bounds.filter((bound) => value >= bound).length;
  const worst = Math.max(
    over(Math.max(r.loss, r.outLoss), steps.loss),
    over(r.rtt, steps.rtt),
    r.frozen > 0.4 ? 2 : r.frozen > 0.15 ? 1 : 0,
  );
  return levels[worst] ?? "bad";
}

/** Intervals that must agree before the words change: down quickly, up slowly and by one step. */
const down = 2;
const up = 4;

/** Grades with hysteresis, so that the words do not flicker. */
export class QualityMeter {
  #level = 0;
  #recent: number[] = [];

  get level(): Level {
    return levels[this.#level] ?? "good";
  }

  add(next: Level): Level {
    this.#recent = [...this.#recent, levels.indexOf(next)].slice(-up);
    const lately = this.#recent.slice(-down);
    const certain = Math.min(...lately);
    if (lately.length === down && certain > this.#level) {
      this.#level = certain;
      this.#recent = [];
    } else if (this.#recent.length === up && Math.max(...this.#recent) < this.#level) {
      this.#level -= 1;
      this.#recent = [];
    }
    return this.level;
  }
}

/**
 * Decides when the own picture must pause so that sound comes through: our packets get lost, or take very long, in three
 * intervals running. It comes back after five good ones.
 */
export class AudioFirst {
  #bad = 0;
  #well = 0;
  held = false;

  add(r: Rates): boolean {
    const choking = r.outLoss >= 0.15 || r.rtt >= 1500;
    this.#bad = choking ? this.#bad + 1 : 0;
    this.#well = choking || r.outLoss >= 0.05 || r.rtt >= 600 ? 0 : this.#well + 1;
    if (!this.held && this.#bad >= 3) this.held = true;
    else if (this.held && this.#well >= 5) this.held = false;
    return this.held;
  }
}
