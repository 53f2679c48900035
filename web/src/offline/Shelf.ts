/** Bytes that only the account's key opens: AES-GCM with a nonce of its own. */
export interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

/** An account that keeps something on this device. */
export interface AccountRow {
  account: string;
  /** not extractable; absent: locked, and only the account's next sign-in brings it back */
  key?: CryptoKey;
  /** ms since 1970: from then on the key is not used and is thrown away */
  until: number;
  /** this account was the last to be signed in here */
  current: boolean;
}

/** One answer of the server, or one draft. */
export interface KeptRow {
  account: string;
  name: string;
  /** ms since 1970 */
  at: number;
  sealed: Sealed;
}

/** One act that is not yet on the server. Its id sorts by time. */
export interface ActRow {
  id: string;
  account: string;
  sealed: Sealed;
  /** a picture */
  blob?: Sealed;
}

/** What is written at once: all of it or nothing. */
export interface Batch {
  acts?: ActRow[];
  kept?: KeptRow[];
  /** ids of acts that go */
  gone?: string[];
}

/** Where the device keeps things. It sees sealed bytes, ids and times, nothing else. */
export interface Shelf {
  accounts(): Promise<AccountRow[]>;
  putAccount(row: AccountRow): Promise<void>;
  removeAccount(account: string): Promise<void>;
  kept(account: string, name: string): Promise<KeptRow | undefined>;
  allKept(account: string): Promise<KeptRow[]>;
  removeKept(account: string, names: string[]): Promise<void>;
  acts(account: string): Promise<ActRow[]>;
  write(batch: Batch): Promise<void>;
}

const stores = { accounts: "accounts", kept: "kept", acts: "acts" } as const;

/** The device's own store. @throws where the browser keeps nothing: an old one, or a private window */
export async function openShelf(factory: IDBFactory = indexedDB, name = "lz-offline"): Promise<Shelf> {
  const opening = factory.open(name, 1);
  opening.addEventListener("upgradeneeded", () => {
    const db = opening.result;
    db.createObjectStore(stores.accounts, { keyPath: "account" });
    db.createObjectStore(stores.kept, { keyPath: ["account", "name"] });
    db.createObjectStore(stores.acts, { keyPath: "id" }).createIndex("account", "account");
  });
  return new IndexedShelf(await answer(opening));
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("the device's store failed")));
  });
}

class IndexedShelf implements Shelf {
  #db: IDBDatabase;

  constructor(db: IDBDatabase) {
    this.#db = db;
    // Another tab runs a newer program: it waits for us.
    db.addEventListener("versionchange", () => db.close());
  }

  accounts = (): Promise<AccountRow[]> => answer(this.#read(stores.accounts).getAll());
  putAccount = (row: AccountRow): Promise<void> =>
    this.#change([stores.accounts], (of) => of(stores.accounts).put(row));

  removeAccount = async (account: string): Promise<void> => {
    const acts = await this.acts(account);
    await this.#change([stores.accounts, stores.kept, stores.acts], (of) => {
      of(stores.accounts).delete(account);
      of(stores.kept).delete(rangeOf(account));
      for (const { id } of acts) of(stores.acts).delete(id);
    });
  };

  kept = (account: string, name: string): Promise<KeptRow | undefined> =>
    answer(this.#read(stores.kept).get([account, name]) as IDBRequest<KeptRow | undefined>);
  allKept = (account: string): Promise<KeptRow[]> =>
    answer(this.#read(stores.kept).getAll(rangeOf(account)) as IDBRequest<KeptRow[]>);
  removeKept = (account: string, names: string[]): Promise<void> =>
    this.#change([stores.kept], (of) => {
      for (const name of names) of(stores.kept).delete([account, name]);
    });

  /** In the order of their ids: that is how an index answers. */
  acts = (account: string): Promise<ActRow[]> =>
    answer(this.#read(stores.acts).index("account").getAll(account) as IDBRequest<ActRow[]>);

  write = ({ acts = [], kept = [], gone = [] }: Batch): Promise<void> =>
    this.#change([stores.acts, stores.kept], (of) => {
      for (const row of acts) of(stores.acts).put(row);
      for (const row of kept) of(stores.kept).put(row);
      for (const id of gone) of(stores.acts).delete(id);
    });

  #read(store: string): IDBObjectStore {
    return this.#db.transaction(store, "readonly").objectStore(store);
  }

  /** Resolves when it is on the disk, as far as the browser says. */
  #change(names: string[], work: (of: (store: string) => IDBObjectStore) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.#db.transaction(names, "readwrite", { durability: "strict" });
      transaction.addEventListener("complete", () => resolve());
      transaction.addEventListener("error", () =>
        reject(transaction.error ?? new Error("the device's store failed")),
      );
      transaction.addEventListener("abort", () =>
        reject(transaction.error ?? new Error("the device's store is full")),
      );
      work((store) => transaction.objectStore(store));
    });
  }
}

function rangeOf(account: string): IDBKeyRange {
  return IDBKeyRange.bound([account], [account, []]);
}

/** A shelf that is still being opened. Where the browser keeps nothing, one that lasts as long as the page. */
export function lateShelf(opening: Promise<Shelf>): Shelf {
  const shelf = opening.catch(() => new MemoryShelf());
  return {
    accounts: async () => (await shelf).accounts(),
    putAccount: async (row) => (await shelf).putAccount(row),
    removeAccount: async (account) => (await shelf).removeAccount(account),
    kept: async (account, name) => (await shelf).kept(account, name),
    allKept: async (account) => (await shelf).allKept(account),
    removeKept: async (account, names) => (await shelf).removeKept(account, names),
    acts: async (account) => (await shelf).acts(account),
    write: async (batch) => (await shelf).write(batch),
  };
}

/** Keeps nothing longer than the page: where the browser has no store. */
export class MemoryShelf implements Shelf {
  #accounts = new Map<string, AccountRow>();
  #kept = new Map<string, KeptRow>();
  #acts = new Map<string, ActRow>();

  accounts = () => Promise.resolve([...this.#accounts.values()]);
  putAccount = (row: AccountRow) => Promise.resolve(void this.#accounts.set(row.account, row));
  removeAccount = (account: string) => {
    this.#accounts.delete(account);
    for (const [name, row] of this.#kept) if (row.account === account) this.#kept.delete(name);
    for (const [id, row] of this.#acts) if (row.account === account) this.#acts.delete(id);
    return Promise.resolve();
  };
  kept = (account: string, name: string) => Promise.resolve(this.#kept.get(`${account} ${name}`));
  allKept = (account: string) =>
    Promise.resolve([...this.#kept.values()].filter((row) => row.account === account));
  removeKept = (account: string, names: string[]) => {
    for (const name of names) this.#kept.delete(`${account} ${name}`);
    return Promise.resolve();
  };
  acts = (account: string) =>
    Promise.resolve(
      [...this.#acts.values()]
        .filter((row) => row.account === account)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    );
  write = ({ acts = [], kept = [], gone = [] }: Batch) => {
    for (const row of acts) this.#acts.set(row.id, row);
    for (const row of kept) this.#kept.set(`${row.account} ${row.name}`, row);
    for (const id of gone) this.#acts.delete(id);
    return Promise.resolve();
  };
}
