import type { TokenSource } from "../api/client";
import type { Connectivity } from "../api/connectivity";
import { ApiError, NetworkError } from "../api/errors";
import { send, toError } from "../api/transport";
import type { Me, Session as Grant } from "../api/types";
import type { Language } from "../i18n";

export type SessionState =
  | { phase: "restoring" }
  | { phase: "signedOut"; reason?: "revoked" | "expired" }
  /** `away`: the server could not be asked; this is who was signed in on this device last */
  | { phase: "signedIn"; me: Me; away?: true };

/** Things of the browser that a test replaces. */
export interface SessionDeps {
  connectivity: Connectivity;
  language: () => Language;
  /** server time, ms */
  now: () => number;
  fetch?: typeof fetch;
  locks?: Pick<LockManager, "request"> | undefined;
  channel?: Pick<BroadcastChannel, "postMessage" | "addEventListener"> | undefined;
  random?: () => number;
  /** who was signed in here last, for as long as the device may remember that */
  remembered?: () => Promise<Me | undefined>;
}

type Broadcast = { type: "granted"; grant: Grant } | { type: "signedOut" };

/**
 * The sign-in of this browser. The access token lives in memory only; the refresh token is in a cookie that scripts cannot
 * read.
 *
 * A refresh is done once for all who ask: within a tab by a shared promise, between tabs by a lock and by telling the
 * others the result. The server forgives a predecessor token for 30 s, so that a reply lost in between does no harm.
 */
export class Session implements TokenSource {
  #deps: SessionDeps;
  #fetch: typeof fetch;
  #state: SessionState = { phase: "restoring" };
  #grant: Grant | undefined;
  #refreshing: Promise<string | undefined> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #listeners = new Set<() => void>();
  #tokenListeners = new Set<(token: string | undefined) => void>();

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    this.#fetch = deps.fetch ?? ((...args) => fetch(...args));
    deps.channel?.addEventListener("message", (event) => this.#hear((event as MessageEvent<Broadcast>).data));
  }

  // ---- what it is

  snapshot = (): SessionState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Tells of each new access token, and of its loss. */
  onToken(listener: (token: string | undefined) => void): () => void {
    this.#tokenListeners.add(listener);
    return () => this.#tokenListeners.delete(listener);
  }

  token = (): string | undefined => this.#grant?.accessToken;

  // ---- what it does

  /**
   * Finds out on start whether the browser is signed in. Keeps trying while the server cannot be reached, and goes on meanwhile as
   * the person whom the device remembers.
   */
  async restore(signal?: AbortSignal): Promise<void> {
    for (let attempt = 0; this.#unknown; attempt++) {
      try {
        await this.#renew(undefined);
        return;
      } catch (error) {
        if (!(error instanceof NetworkError)) throw error;
        await this.#recall();
        await this.#deps.connectivity.pause(Math.min(8000, 500 * 2 ** attempt), signal);
      }
    }
  }

  /** Asks the server at last, when something is to be sent and only the device has said who is signed in. */
  wake = (): Promise<string | undefined> =>
    this.#away ? this.#renew(undefined) : Promise.resolve(undefined);

  /** @throws ApiError such as `wrong_credentials`, NetworkError */
  async login(username: string, password: string): Promise<Me> {
    const grant = await this.#post<Grant>("/api/v1/auth/login", { username, password });
    this.#adopt(grant, true);
    return grant.me;
  }

  refresh = (stale: string): Promise<string | undefined> => {
    if (this.#grant && this.#grant.accessToken !== stale) return Promise.resolve(this.#grant.accessToken);
    return this.#renew(stale);
  };

  /** Takes the new sign-in that a changed password gives. */
  adopt(grant: Grant): void {
    this.#adopt(grant, true);
  }

  /** Replaces what is known of the person, after a change of the account. */
  setMe(me: Me): void {
    if (!this.#grant) return;
    this.#grant = { ...this.#grant, me };
    this.#set({ phase: "signedIn", me });
  }

  /** Ends this sign-in. Always ends it here, also when the server cannot be reached. */
  async logout(): Promise<void> {
    const ended = this.#post("/api/v1/auth/logout", undefined).catch(() => undefined);
    this.#leave(undefined, true);
    await ended;
  }

  /** The server has ended the sign-in. */
  ended(reason: "revoked" | "expired"): void {
    this.#leave(reason, true);
  }

  // ---- how

  get #away(): boolean {
    return this.#state.phase === "signedIn" && this.#grant === undefined;
  }

  /** Whether the server has not said yet who is signed in. */
  get #unknown(): boolean {
    return this.#state.phase === "restoring" || this.#away;
  }

  async #recall(): Promise<void> {
    if (this.#state.phase !== "restoring") return;
    const me = await this.#deps.remembered?.().catch(() => undefined);
    if (me && this.#state.phase === "restoring") this.#set({ phase: "signedIn", me, away: true });
  }

  #renew(stale: string | undefined): Promise<string | undefined> {
    this.#refreshing ??= this.#underLock(async () => {
      const known = this.#grant?.accessToken;
      // Another tab was faster.
      if (known && known !== stale) return known;
      try {
        const grant = await this.#post<Grant>("/api/v1/auth/refresh", undefined);
        this.#adopt(grant, true);
        return grant.accessToken;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.status >= 500 || error.status === 429) throw new NetworkError(error.code, { cause: error });
        this.#leave(stale || this.#away ? "expired" : undefined, false);
        return undefined;
      }
    }).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #underLock<T>(work: () => Promise<T>): Promise<T> {
    const { locks } = this.#deps;
    if (!locks) return work();
    return (await locks.request("lz-refresh", work)) as T;
  }

  #adopt(grant: Grant, tell: boolean): void {
    this.#grant = grant;
    this.#set({ phase: "signedIn", me: grant.me });
    this.#schedule(grant);
    for (const listener of this.#tokenListeners) listener(grant.accessToken);
    if (tell) this.#deps.channel?.postMessage({ type: "granted", grant } satisfies Broadcast);
  }

  #leave(reason: "revoked" | "expired" | undefined, tell: boolean): void {
    clearTimeout(this.#timer);
    const wasIn = this.#grant !== undefined;
    this.#grant = undefined;
    this.#set(reason ? { phase: "signedOut", reason } : { phase: "signedOut" });
    for (const listener of this.#tokenListeners) listener(undefined);
    if (tell && wasIn) this.#deps.channel?.postMessage({ type: "signedOut" } satisfies Broadcast);
  }

  #hear(message: Broadcast): void {
    if (message.type === "granted") {
      const newer =
        !this.#grant ||
        message.grant.expiresAt > this.#grant.expiresAt ||
        message.grant.me.id !== this.#grant.me.id;
      if (newer) this.#adopt(message.grant, false);
    } else if (this.#grant) {
      this.#leave(undefined, false);
    }
  }

  /** Renews a minute before the end, each tab at a slightly different time, so that one does it for all. */
  #schedule(grant: Grant): void {
    clearTimeout(this.#timer);
    const { now, random = Math.random, connectivity } = this.#deps;
    const left = Date.parse(grant.expiresAt) - now();
    const early = Math.min(60_000, left / 2);
    const renew = () => {
      if (this.#grant !== grant) return;
      this.#renew(grant.accessToken).catch(() => {
        this.#timer = setTimeout(renew, connectivity.state.reach === "ok" ? 5000 : 10_000);
      });
    };
    this.#timer = setTimeout(renew, Math.max(1000, left - early * (0.6 + 0.4 * random())));
  }

  async #post<T>(path: string, body: object | undefined): Promise<T> {
    const headers = new Headers({ "Accept-Language": this.#deps.language() });
    if (body) headers.set("Content-Type", "application/json");
    const request = new Request(new URL(path, location.origin), {
      method: "POST",
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const response = await send(request, this.#deps.connectivity, this.#fetch);
    if (response.status === 204) return undefined as T;
    const parsed: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw toError(response.status, parsed);
    return parsed as T;
  }

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
