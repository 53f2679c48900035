/** What stands between the page and the server. */
export type Reach = "ok" | "offline" | "unreachable";

export interface ConnectivityState {
  reach: Reach;
  /** commands that are being tried again */
  retrying: number;
}

/** Watches whether the server answers. Requests report to it; the banner and retries listen. */
export class Connectivity {
  #state: ConnectivityState = { reach: "ok", retrying: 0 };
  #failed = false;
  #online: boolean;
  #listeners = new Set<() => void>();

  constructor(target: Window = window) {
    this.#online = target.navigator.onLine;
    target.addEventListener("online", () => this.#set(() => (this.#online = true)));
    target.addEventListener("offline", () => this.#set(() => (this.#online = false)));
    this.#set(() => undefined);
  }

  /** A request got an answer of the server's own, of whatever kind. */
  answered(): void {
    if (this.#failed) this.#set(() => (this.#failed = false));
  }

  /** A request got none. */
  unanswered(): void {
    if (!this.#failed) this.#set(() => (this.#failed = true));
  }

  /** A command begins (+1) or ends (−1) to be tried again. */
  retrying(change: 1 | -1): void {
    this.#state = { ...this.#state, retrying: this.#state.retrying + change };
    this.#set(() => undefined);
  }

  get state(): ConnectivityState {
    return this.#state;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  snapshot = (): ConnectivityState => this.#state;

  /** Resolves after `ms`, or at once when the device comes back online. Rejects when aborted. */
  pause(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const wasOffline = !this.#online;
      const done = (end: () => void) => {
        clearTimeout(timer);
        unsubscribe();
        signal?.removeEventListener("abort", aborted);
        end();
      };
      const aborted = () => done(() => reject(signal?.reason ?? new DOMException("aborted", "AbortError")));
      const timer = setTimeout(() => done(resolve), ms);
      const unsubscribe = this.subscribe(() => {
        if (wasOffline && this.#online) done(resolve);
      });
      signal?.addEventListener("abort", aborted);
    });
  }

  #set(change: () => void): void {
    change();
    const reach: Reach = this.#online ? (this.#failed ? "unreachable" : "ok") : "offline";
    this.#state = { ...this.#state, reach };
    for (const listener of this.#listeners) listener();
  }
}
