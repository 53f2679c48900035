import { type Act, type NewAct, rebased, replacedBy } from "./acts";
import { Ids } from "./Ids";
import type { ActRow, Shelf } from "./Shelf";
import type { Vault } from "./Vault";

/** Tells other tabs that something was written. */
export type Channel = Pick<BroadcastChannel, "postMessage" | "addEventListener">;

/**
 * What the person did and the server does not know yet, in the order in which it was done. An act is on the disk before it is
 * shown as done, and leaves only when the server has taken it or the person has said so.
 */
export class Log {
  #shelf: Shelf;
  #vault: Vault;
  #now: () => number;
  #ids = new Ids();
  #acts: readonly Act[] = [];
  #photos = new Map<string, Blob>();
  #listeners = new Set<() => void>();
  #channel: Channel | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(shelf: Shelf, vault: Vault, now: () => number, channel?: Channel) {
    this.#shelf = shelf;
    this.#vault = vault;
    this.#now = now;
    this.#channel = channel;
    channel?.addEventListener("message", () => void this.load());
  }

  snapshot = (): readonly Act[] => this.#acts;
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  /** The picture of an act. */
  photo = (id: string): Blob | undefined => this.#photos.get(id);

  /** Reads what is on the disk; nothing while the vault is locked. */
  load = (): Promise<void> => this.#inTurn(() => this.#read());

  /** Writes an act down. */
  add = (what: NewAct, photo?: Blob): Promise<Act> =>
    this.#inTurn(async () => {
      const account = this.#account();
      await this.#read(); // another tab may have written
      const now = this.#now();
      const at = what.at ?? new Date(now).toISOString();
      let act: Act = { ...what, at, id: this.#ids.next(now), state: "WAITING", tries: 0 };
      const former = replacedBy(this.#acts, act);
      if (former?.kind === "RECORD" && act.kind === "RECORD")
        act = { ...act, base: former.base, body: { ...act.body, revision: former.body.revision } };
      const row = await this.#sealed(account, act, photo);
      await this.#shelf.write({ acts: [row], gone: former ? [former.id] : [] });
      await this.#told();
      return act;
    });

  /** An act is about to be sent: from now on the server may know it. */
  trying = (act: Act): Promise<void> => this.#put([{ ...act, tries: act.tries + 1 }]);

  /** The server did not take it: the person decides. */
  hold = (act: Act, refusal: NonNullable<Act["refusal"]>): Promise<void> =>
    this.#put([{ ...act, state: "HELD", refusal }]);

  /** The server has it. */
  sent = (act: Act, answer: unknown): Promise<void> =>
    this.#inTurn(async () => {
      const account = this.#account();
      await this.#read();
      const changed = rebased(this.#acts, act, answer);
      await this.#shelf.write({
        acts: await Promise.all(changed.map((one) => this.#sealed(account, one, this.#photos.get(one.id)))),
        gone: [act.id],
      });
      await this.#told();
    });

  /** The person wants a held act sent as it is changed now. It gets a new id: the server may remember the old one. */
  again = (act: Act, change: Partial<Act>): Promise<void> =>
    this.#inTurn(async () => {
      const account = this.#account();
      await this.#read();
      const { refusal: _, ...rest } = act;
      const fresh = {
        ...rest,
        ...change,
        id: this.#ids.next(this.#now()),
        state: "WAITING",
        tries: 0,
      } as Act;
      const row = await this.#sealed(account, fresh, this.#photos.get(act.id));
      await this.#shelf.write({ acts: [row], gone: [act.id] });
      await this.#told();
    });

  /** The person drops it. */
  drop = (...ids: string[]): Promise<void> =>
    this.#inTurn(async () => {
      await this.#shelf.write({ gone: ids });
      await this.#told();
    });

  #put(acts: Act[]): Promise<void> {
    return this.#inTurn(async () => {
      const account = this.#account();
      const rows = await Promise.all(acts.map((act) => this.#sealed(account, act, this.#photos.get(act.id))));
      await this.#shelf.write({ acts: rows });
      await this.#told();
    });
  }

  async #told(): Promise<void> {
    await this.#read();
    this.#channel?.postMessage("changed");
  }

  async #read(): Promise<void> {
    const account = this.#vault.account;
    const rows = account ? await this.#shelf.acts(account) : [];
    const acts: Act[] = [];
    for (const row of rows) {
      acts.push(await this.#vault.openJSON<Act>(row.id, row.sealed));
      this.#ids.after(row.id);
      if (row.blob && !this.#photos.has(row.id))
        this.#photos.set(
          row.id,
          new Blob([await this.#vault.open(`${row.id} photo`, row.blob)], { type: "image/jpeg" }),
        );
    }
    const here = new Set(rows.map((row) => row.id));
    for (const id of this.#photos.keys()) if (!here.has(id)) this.#photos.delete(id);
    if (JSON.stringify(acts) === JSON.stringify(this.#acts)) return;
    this.#acts = acts;
    for (const listener of this.#listeners) listener();
  }

  async #sealed(account: string, act: Act, photo: Blob | undefined): Promise<ActRow> {
    return {
      id: act.id,
      account,
      sealed: await this.#vault.sealJSON(act.id, act),
      ...(photo
        ? { blob: await this.#vault.seal(`${act.id} photo`, new Uint8Array(await photo.arrayBuffer())) }
        : {}),
    };
  }

  #account(): string {
    const account = this.#vault.account;
    if (!account) throw new Error("the device's store is locked");
    return account;
  }

  /** One change after the other, so that two presses in a row keep their order. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#tail.then(work, work);
    this.#tail = next.catch(() => undefined);
    return next;
  }
}
