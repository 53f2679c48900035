/** What happened to the device that a connection may not have survived. */
export interface DeviceNews {
  kind:
    | "online" // the browser says that there is a network again
    | "network" // another network: Wi-Fi to mobile, another access point
    | "visible" // the page is looked at again
    | "woke"; // the device slept
  /** ms for which it slept; 0 otherwise */
  slept: number;
}

interface DeviceDeps {
  window?: Pick<Window, "addEventListener">;
  document?: Pick<Document, "addEventListener" | "visibilityState">;
  /** absent where the browser does not tell */
  connection?: EventTarget | undefined;
  /** ms since 1970: a clock that goes on while the device sleeps */
  now?: () => number;
}

const every = 1000;
/** A clock that jumped further than this between two looks means that the device slept; a busy page is late by less. */
const asleep = 10_000;

/**
 * Tells when the device may have lost its connections without their noticing: a lid that was closed, another network. Lives
 * as long as the page.
 */
export class DeviceWatch {
  #listeners = new Set<(news: DeviceNews) => void>();
  #now: () => number;
  #looked: number;

  constructor(deps: DeviceDeps = {}) {
    const page = deps.document ?? document;
    const target = deps.window ?? window;
    const connection =
      "connection" in deps ? deps.connection : (navigator as { connection?: EventTarget }).connection;
    this.#now = deps.now ?? (() => Date.now());
    this.#looked = this.#now();
    target.addEventListener("online", () => this.#tell("online"));
    connection?.addEventListener("change", () => this.#tell("network"));
    page.addEventListener("visibilitychange", () => {
      this.#look();
      if (page.visibilityState === "visible") this.#tell("visible");
    });
    setInterval(() => this.#look(), every);
  }

  /** Returns how to stop. */
  subscribe(listener: (news: DeviceNews) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #look(): void {
    const now = this.#now();
    const between = now - this.#looked;
    this.#looked = now;
    if (between > asleep) this.#tell("woke", between);
  }

  #tell(kind: DeviceNews["kind"], slept = 0): void {
    for (const listener of this.#listeners) listener({ kind, slept });
  }
}
