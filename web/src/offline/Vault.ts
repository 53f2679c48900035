import type { AccountRow, Sealed, Shelf } from "./Shelf";

/** What the server gives at each sign-in: the account's key for this device's store, and until when it may lie here. */
export interface Grant {
  /** base64 of 32 bytes */
  key: string;
  /** RFC 3339 */
  until: string;
}

/**
 * The key of one account on this device.
 *
 * What always holds: the key lies here as a CryptoKey that no script can read out, bound to its account by the additional data of
 * every value; from its end on, after signing out, and when somebody else signs in it is thrown away. Then what the server
 * told goes with it; acts that are not sent stay sealed, and only the same account's next sign-in opens them, because only
 * the server knows the key.
 */
export class Vault {
  #shelf: Shelf;
  #now: () => number;
  #open: { account: string; key: CryptoKey; until: number } | undefined;

  constructor(shelf: Shelf, now: () => number) {
    this.#shelf = shelf;
    this.#now = now;
  }

  /** Whose it is while it is open. */
  get account(): string | undefined {
    return this.#open && this.#open.until > this.#now() ? this.#open.account : undefined;
  }

  /** ms since 1970 until when it stays open without a sign-in */
  get until(): number | undefined {
    return this.#open?.until;
  }

  /** Somebody signed in: takes the key, and puts everybody else's away. */
  async unlock(account: string, grant: Grant): Promise<void> {
    const raw = Uint8Array.from(atob(grant.key), (char) => char.charCodeAt(0));
    const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
    raw.fill(0);
    for (const row of await this.#shelf.accounts()) if (row.account !== account) await this.#putAway(row);
    const until = Date.parse(grant.until);
    await this.#shelf.putAccount({ account, key, until, current: true });
    this.#open = { account, key, until };
  }

  /** Opens it without the server for who was signed in last, if its time is not over. Returns whose it is. */
  async reopen(account?: string): Promise<string | undefined> {
    await this.expire();
    const row = (await this.#shelf.accounts()).find(
      (r) => r.current && r.key !== undefined && (account === undefined || r.account === account),
    );
    if (!row?.key) return undefined;
    this.#open = { account: row.account, key: row.key, until: row.until };
    return row.account;
  }

  /** Throws away keys whose time is over. Returns whether the open one was among them. */
  async expire(): Promise<boolean> {
    const now = this.#now();
    for (const row of await this.#shelf.accounts()) if (row.key && row.until <= now) await this.#putAway(row);
    if (!this.#open || this.#open.until > now) return false;
    this.#open = undefined;
    return true;
  }

  /** Signed out: the key goes, and everything but acts that were not sent. */
  async lock(): Promise<void> {
    this.#open = undefined;
    for (const row of await this.#shelf.accounts()) if (row.current) await this.#putAway(row);
  }

  async seal(name: string, plain: Uint8Array<ArrayBuffer>): Promise<Sealed> {
    const { key, account } = this.#opened();
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const additionalData = new TextEncoder().encode(`${account} ${name}`);
    return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, plain) };
  }

  /** @throws when it was sealed for another account or under another name, or was changed */
  async open(name: string, sealed: Sealed): Promise<Uint8Array<ArrayBuffer>> {
    const { key, account } = this.#opened();
    const additionalData = new TextEncoder().encode(`${account} ${name}`);
    return new Uint8Array(
      await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv, additionalData }, key, sealed.data),
    );
  }

  async sealJSON(name: string, value: unknown): Promise<Sealed> {
    return this.seal(name, new TextEncoder().encode(JSON.stringify(value)));
  }

  async openJSON<T>(name: string, sealed: Sealed): Promise<T> {
    return JSON.parse(new TextDecoder().decode(await this.open(name, sealed))) as T;
  }

  #opened() {
    if (!this.#open || this.#open.until <= this.#now()) throw new Error("the device's store is locked");
    return this.#open;
  }

  async #putAway({ account, until }: AccountRow): Promise<void> {
    if ((await this.#shelf.acts(account)).length === 0) {
      // A draft that was never saved is something typed as well.
      const drafts = (await this.#shelf.allKept(account)).some((row) => isDraft(row.name));
      if (!drafts) {
        await this.#shelf.removeAccount(account);
        return;
      }
    }
    const told = (await this.#shelf.allKept(account)).filter((row) => !isDraft(row.name));
    await this.#shelf.removeKept(
      account,
      told.map((row) => row.name),
    );
    await this.#shelf.putAccount({ account, until, current: false });
  }
}

/** What the person typed and did not save; everything else under `kept` the server told. */
export function isDraft(name: string): boolean {
  return name.startsWith("draft ");
}
