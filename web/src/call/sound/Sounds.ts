interface Note {
  /** seconds from the beginning */
  at: number;
  /** Hz */
  pitch: number;
  /** seconds */
  length: number;
}

/** Two rising pairs, then silence: noticed, yet not an alarm. Repeats until stopped. */
const ring: Note[] = [
  { at: 0, pitch: 659, length: 0.22 },
  { at: 0.24, pitch: 880, length: 0.34 },
  { at: 0.8, pitch: 659, length: 0.22 },
  { at: 1.04, pitch: 880, length: 0.34 },
];
const ringEvery = 3000;

/** Three falling notes, for "can you hear this?". */
const chime: Note[] = [
  { at: 0, pitch: 1047, length: 0.3 },
  { at: 0.3, pitch: 880, length: 0.3 },
  { at: 0.6, pitch: 698, length: 0.5 },
];

type Context = AudioContext & { setSinkId?: (id: string) => Promise<void> };

/**
 * Sounds of the page, made by calculation, so that there is no file to load. Browsers are silent until the person has
 * pressed something: the first press anywhere unlocks, and a ring that began before is heard from then on.
 */
export class Sounds {
  #context: Context | undefined;
  #make: () => AudioContext;
  #ringing: ReturnType<typeof setInterval> | undefined;
  #listeners = new Set<() => void>();

  constructor(make: () => AudioContext = () => new AudioContext(), target: Document = document) {
    this.#make = make;
    const unlock = () => void this.unlock();
    for (const event of ["pointerdown", "keydown"]) target.addEventListener(event, unlock, { capture: true });
  }

  /** Whether sounds can be heard. */
  unlocked = (): boolean => this.#context?.state === "running";

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Must come from a press. */
  async unlock(): Promise<void> {
    if (this.unlocked()) return;
    this.#context ??= this.#make();
    await this.#context.resume().catch(() => undefined);
    for (const listener of this.#listeners) listener();
  }

  /** Rings until `stop`. Starting twice rings once. */
  ring(): void {
    if (this.#ringing) return;
    this.#play(ring, 0.5);
    this.#ringing = setInterval(() => this.#play(ring, 0.5), ringEvery);
  }

  stop(): void {
    clearInterval(this.#ringing);
    this.#ringing = undefined;
  }

  /** A short sound on the given speaker; empty: the device's own choice. Call it from a press. */
  async chime(speakerId = ""): Promise<void> {
    await this.unlock();
    await this.#context?.setSinkId?.(speakerId).catch(() => undefined);
    this.#play(chime, 0.35);
  }

  #play(notes: readonly Note[], volume: number): void {
    const context = this.#context;
    if (!context || context.state !== "running") return;
    const start = context.currentTime + 0.02;
    for (const { at, pitch, length } of notes) {
      const tone = context.createOscillator();
      const gain = context.createGain();
      tone.type = "triangle";
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0, start + at);
      gain.gain.linearRampToValueAtTime(volume, start + at + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.001, start + at + length);
      tone.connect(gain).connect(context.destination);
      tone.start(start + at);
      tone.stop(start + at + length);
    }
  }
}
