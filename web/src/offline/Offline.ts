import { isCancelledError, type QueryClient, type QueryKey } from "@tanstack/react-query";
import type { Connectivity } from "../api/connectivity";
import type { Api } from "../api/client";
import { ApiError, NetworkError } from "../api/errors";
import { call, readKey } from "../api/hooks";
import type { Me, Schemas } from "../api/types";
import type { ServerClock } from "../clock/ServerClock";
import { dayAfter, dayOf } from "../dates/wall";
import type { Act, NewAct } from "./acts";
import { keptFor, nameOf, worksOffline } from "./keeping";
import { type Channel, Log } from "./Log";
import { Sender } from "./Sender";
import type { Shelf } from "./Shelf";
import { isDraft, Vault } from "./Vault";
import { registerWorker } from "./worker";

export interface OfflineDeps {
  shelf: Shelf;
  /** gives up at once when nobody answers: the log is what persists */
  api: Api;
  query: QueryClient;
  connectivity: Connectivity;
  clock: ServerClock;
  /** whether there is a sign-in at the server, not only the memory of one */
  signedIn: () => boolean;
  locks?: Pick<LockManager, "request"> | undefined;
  channel?: Channel;
  /** the device's clock, ms */
  now?: () => number;
}

export interface OfflineState {
  /** the device keeps what this person needs, and what they do */
  open: boolean;
  acts: readonly Act[];
  /** ms since 1970: when today's and tomorrow's sheets were last fetched whole */
  fetchedAt?: number;
  fetching: boolean;
}

/** ms between two fetchings of the sheets while the page is open */
const refetched = 30 * 60_000;
const mostVisits = 40;

/**
 * What makes a day without network possible: answers that were kept, and acts that were written down. See README.
 *
 * Answers go through `answer`, drafts through `keepDraft`, acts through `act`. Whoever signs in gets the vault of the account;
 * who signs out leaves nothing but what is still to be sent, sealed.
 */
export class Offline {
  readonly log: Log;
  readonly sender: Sender;
  #deps: OfflineDeps;
  #vault: Vault;
  #now: () => number;
  #state: OfflineState = { open: false, acts: [], fetching: false };
  #listeners = new Set<() => void>();
  #opening: Promise<void> = Promise.resolve();
  #me: Me | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #watching = false;
  #drafts: Promise<unknown> = Promise.resolve();

  constructor(deps: OfflineDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? (() => Date.now());
    this.#vault = new Vault(deps.shelf, this.#now);
    this.log = new Log(deps.shelf, this.#vault, () => deps.clock.now(), deps.channel);
    this.log.subscribe(() => this.#set({ acts: this.log.snapshot() }));
    this.sender = new Sender({
      log: this.log,
      send: (act) => this.#send(act),
      applied: (act, answer) => this.#applied(act, answer),
      ready: () =>
        deps.signedIn() && this.#vault.account !== undefined && this.#vault.account === this.#me?.id,
      locks: deps.locks,
    });
    let reach = deps.connectivity.state.reach;
    deps.connectivity.subscribe(() => {
      const before = reach;
      reach = deps.connectivity.state.reach;
      if (reach === "ok" && before !== "ok") this.retry();
    });
  }

  snapshot = (): OfflineState => this.#state;
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  // ---- who

  /** Who was signed in here last, when the server cannot be asked and the time of that is not over. */
  async remembered(): Promise<Me | undefined> {
    const account = await this.#vault.reopen();
    if (!account) return undefined;
    const me = await this.#open<Me>("me");
    const offset = await this.#open<number>("clock");
    if (offset !== undefined) this.#deps.clock.assume(offset);
    return me;
  }

  /** Somebody is signed in, at the server or (`away`) as far as the device remembers. */
  begin(me: Me, away: boolean): Promise<void> {
    this.#me = me;
    this.#opening = this.#begin(me, away);
    return this.#opening;
  }

  /** The sign-in is over. What is not sent stays sealed for the same account; everything else goes. */
  async end(): Promise<void> {
    this.#me = undefined;
    clearInterval(this.#timer);
    await this.#opening.catch(() => undefined);
    await this.#vault.lock();
    await this.log.load();
    this.#state = { open: false, acts: [], fetching: false };
    this.#tell();
  }

  /** How many things the person wrote that the server does not have: acts, and drafts that were not saved. */
  async unsent(): Promise<number> {
    const account = this.#vault.account;
    if (!account) return 0;
    const drafts = (await this.#deps.shelf.allKept(account)).filter((row) => isDraft(row.name));
    return this.log.snapshot().length + drafts.length;
  }

  // ---- answers and drafts

  /** Asks the server; keeps the answer if it is one that is kept, and gives the kept one when nobody answers. */
  async answer<T>(key: QueryKey, ask: () => Promise<T>): Promise<T> {
    const name = nameOf(key);
    if (!name) return ask();
    try {
      const fresh = await ask();
      void this.#keep(name, fresh).catch(() => undefined);
      return fresh;
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      const kept = await this.#open<T>(name);
      if (kept === undefined) throw error;
      return kept;
    }
  }

  /** Keeps what is being typed: it survives a closed tab and an empty battery. */
  keepDraft = (name: string, value: unknown): Promise<void> =>
    this.#inTurn(async () => {
      await this.#opening;
      await this.#keep(`draft ${name}`, value);
    });
  draft = async <T>(name: string): Promise<T | undefined> => {
    await this.#opening;
    return this.#open<T>(`draft ${name}`);
  };
  dropDraft = (name: string): Promise<void> =>
    this.#inTurn(async () => {
      const account = this.#vault.account;
      if (account) await this.#deps.shelf.removeKept(account, [`draft ${name}`]);
    });

  // ---- acts

  /**
   * Writes an act down and sends it as soon as that is possible. Resolves when it is on the device.
   * @throws when the device keeps nothing: then the form still has it
   */
  act = async (what: NewAct, photo?: Blob): Promise<Act> => {
    await this.#opening;
    if (!this.#vault.account && this.#me && this.#deps.signedIn()) await this.#goOn(this.#me);
    const act = await this.log.add(what, photo);
    this.retry();
    if (this.#deps.connectivity.state.reach !== "ok") void wakeLater();
    return act;
  };

  /** Tries to send now. */
  retry = (): void => {
    this.sender.fresh();
    void this.sender.nudge().catch(() => undefined);
  };

  /** Fetches today's and tomorrow's sheets with all that a visit needs. */
  fetchDays = async (): Promise<void> => {
    const me = this.#me;
    if (!me || this.#state.fetching || !this.#state.open || this.#deps.connectivity.state.reach === "offline")
      return;
    this.#set({ fetching: true });
    try {
      await this.#fetchDays(me);
      const at = this.#now();
      await this.#keep("fetched", at);
      await this.#keep("clock", this.#deps.clock.now() - at);
      this.#set({ fetchedAt: at });
    } catch (error) {
      // Who signs out meanwhile needs no sheets any more.
      if (!(error instanceof NetworkError || error instanceof ApiError || isCancelledError(error)))
        throw error;
    } finally {
      this.#set({ fetching: false });
    }
  };

  // ---- how

  async #begin(me: Me, away: boolean): Promise<void> {
    if (!worksOffline(me)) {
      await this.#vault.lock();
      return;
    }
    if (this.#vault.account !== me.id) await this.#vault.reopen(me.id);
    if (!away) await this.#unlock(me);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#goOn(me), refetched);
    const open = this.#vault.account === me.id;
    await this.log.load();
    const fetchedAt = open ? await this.#open<number>("fetched") : undefined;
    this.#set({ open, acts: this.log.snapshot(), ...(fetchedAt === undefined ? {} : { fetchedAt }) });
    if (!open || away) return;
    await this.#keep("me", me);
    await this.#prune(me.id);
    this.retry();
    this.#watch();
    void this.fetchDays();
  }

  async #unlock(me: Me): Promise<void> {
    try {
      await this.#vault.unlock(me.id, await call(this.#deps.api, "post", "/api/v1/me/offline-key", {}));
    } catch (error) {
      // Who may no longer work without network leaves nothing; a server that stumbles takes nothing away.
      if (error instanceof ApiError && error.status === 403) await this.#vault.lock();
    }
  }

  /** A page that stays open keeps its key as long as the server says so now and then, and loses it otherwise. */
  async #goOn(me: Me): Promise<void> {
    if (this.#me?.id !== me.id) return;
    if (this.#deps.signedIn()) await this.#unlock(me);
    await this.#vault.expire();
    await this.log.load();
    this.#set({ open: this.#vault.account === me.id });
    await this.fetchDays();
  }

  /** Once: the program is kept for pages without network, and sending goes on when the page is looked at again. */
  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    registerWorker(this.retry);
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && this.log.snapshot().length > 0) this.retry();
    });
  }

  /** Drafts are written and dropped in the order in which that is asked. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#drafts.then(work, work);
    this.#drafts = next.catch(() => undefined);
    return next;
  }

  async #fetchDays(me: Me): Promise<void> {
    const { api, query } = this.#deps;
    const get = <T>(queryKey: QueryKey, ask: () => Promise<T>) =>
      query.fetchQuery({ queryKey, queryFn: () => this.answer(queryKey, ask), staleTime: 0, retry: false });
    const today = dayOf(new Date(this.#deps.clock.now()));
    const visits = new Set<string>();
    for (const day of [today, dayAfter(today, { days: 1 })]) {
      const of = { query: { userId: me.id, from: day, to: day } };
      const page = await get(readKey("/api/v1/visits", of), () => call(api, "get", "/api/v1/visits", of));
      for (const visit of page.visits) visits.add(visit.id);
      if (page.visits.length === 0) continue;
      const route = { query: { day } };
      await get(readKey("/api/v1/visit-routes", route), () =>
        call(api, "get", "/api/v1/visit-routes", route),
      );
    }
    for (const id of [...visits].slice(0, mostVisits)) {
      const of = { path: { id } };
      await get(readKey("/api/v1/visits/{id}", of), () => call(api, "get", "/api/v1/visits/{id}", of));
    }
    if (visits.size > 0)
      await get(readKey("/api/v1/appointment-kinds"), () =>
        call(api, "get", "/api/v1/appointment-kinds", {}),
      );
    await get(readKey("/api/v1/catalogue"), () => call(api, "get", "/api/v1/catalogue", {}));
  }

  /** Answers of the day before yesterday go. */
  async #prune(account: string): Promise<void> {
    const before = this.#now() - keptFor;
    const old = (await this.#deps.shelf.allKept(account)).filter(
      (row) => row.at < before && !isDraft(row.name),
    );
    await this.#deps.shelf.removeKept(
      account,
      old.map((row) => row.name).filter((name) => name !== "me"),
    );
  }

  async #send(act: Act): Promise<unknown> {
    const { api } = this.#deps;
    const path = { id: act.about.id };
    const key = { key: act.id, act: act.at };
    switch (act.kind) {
      case "STEP":
        return call(api, "post", "/api/v1/visits/{id}/step", { path, body: act.body }, key);
      case "RECORD":
        return call(api, "post", "/api/v1/visits/{id}/record", { path, body: act.body }, key);
      case "SIGNATURE":
        return call(api, "post", "/api/v1/visits/{id}/signature", { path, body: act.body }, key);
      case "PHOTO":
        return this.#sendPhoto(act);
      case "BOOKING":
        return call(api, "post", "/api/v1/appointments", { body: act.body }, key);
      case "REQUEST":
        return call(api, "post", "/api/v1/consultations", { body: act.body }, key);
      case "VITALS":
        return call(api, "post", "/api/v1/consultations/{id}/vitals", { path, body: act.body }, key);
      case "SUBMIT":
        return call(api, "post", "/api/v1/consultations/{id}/submit", { path, body: act.body }, key);
    }
  }

  async #sendPhoto(act: Act): Promise<unknown> {
    const body = this.log.photo(act.id);
    if (!body) throw new Error("the picture is not on the device");
    return call(
      this.#deps.api,
      "post",
      "/api/v1/visits/{id}/photos",
      { path: { id: act.about.id }, query: { at: act.at }, body },
      { key: act.id, act: act.at },
    );
  }

  #applied(act: Act, answer: unknown): void {
    const { query } = this.#deps;
    if (act.about.kind === "visit") {
      const key = readKey("/api/v1/visits/{id}", { path: { id: act.about.id } });
      if (isVisit(answer)) {
        query.setQueryData(key, answer);
        const name = nameOf(key);
        if (name) void this.#keep(name, answer).catch(() => undefined);
      } else void query.invalidateQueries({ queryKey: key });
      for (const list of ["/api/v1/visits", "/api/v1/visit-routes", "/api/v1/appointments"])
        void query.invalidateQueries({ queryKey: [list] });
    } else {
      for (const list of ["/api/v1/residents", "/api/v1/worklist", "/api/v1/consultations/{id}"])
        void query.invalidateQueries({ queryKey: [list] });
    }
  }

  async #keep(name: string, value: unknown): Promise<void> {
    const account = this.#vault.account;
    if (!account || account !== this.#me?.id) return;
    const sealed = await this.#vault.sealJSON(name, value);
    await this.#deps.shelf.write({ kept: [{ account, name, at: this.#now(), sealed }] });
  }

  async #open<T>(name: string): Promise<T | undefined> {
    const account = this.#vault.account;
    const row = account ? await this.#deps.shelf.kept(account, name) : undefined;
    return row ? this.#vault.openJSON<T>(name, row.sealed) : undefined;
  }

  #set(change: Partial<OfflineState>): void {
    this.#state = { ...this.#state, ...change };
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function isVisit(answer: unknown): answer is Schemas["Visit"] {
  return typeof answer === "object" && answer !== null && "recordRevision" in answer;
}

/** Asks the browser to wake the service worker when the network is back, where it can. */
async function wakeLater(): Promise<void> {
  const registration = await globalThis.navigator?.serviceWorker?.getRegistration("/");
  const { sync } = (registration ?? {}) as { sync?: { register: (tag: string) => Promise<void> } };
  await sync?.register("lz-send").catch(() => undefined);
}
