import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it } from "vitest";
import { ApiError, NetworkError } from "../api/errors";
import type { Schemas } from "../api/types";
import { type Act, type NewAct, nextToSend } from "./acts";
import { Ids } from "./Ids";
import { Log } from "./Log";
import { differences, merged } from "./merge";
import { withActs } from "./overlay";
import { Sender } from "./Sender";
import { openShelf, type Shelf } from "./Shelf";
import { Vault } from "./Vault";

const hour = 3_600_000;
let now = Date.parse("2026-11-28T01:00:00Z");
let disk: IDBFactory;

/** A page on the device: it has what lies on the disk, and nothing else of the page before. */
async function page() {
  const shelf = await openShelf(disk);
  const vault = new Vault(shelf, () => now);
  const log = new Log(shelf, vault, () => now);
  return { shelf, vault, log };
}

const grant = (letter = "a", hours = 72) => ({
  key: btoa(letter.repeat(32)),
  until: new Date(now + hours * hour).toISOString(),
});

const step = (action: "DEPART" | "ARRIVE" | "LEAVE", visit = "v1"): NewAct => {
  const at = new Date(now).toISOString();
  return { kind: "STEP", about: { kind: "visit", id: visit }, who: "王德顺", at, body: { action, at } };
};
const record = (findings: string, revision = 0, visit = "v1"): NewAct => ({
  kind: "RECORD",
  about: { kind: "visit", id: visit },
  who: "王德顺",
  body: { revision, content: { findings } },
  base: {},
});

beforeEach(() => {
  now = Date.parse("2026-11-28T01:00:00Z");
  disk = new IDBFactory();
});

async function raw(shelf: Shelf, account: string): Promise<string> {
  const rows = [...(await shelf.acts(account)), ...(await shelf.allKept(account))];
  return rows
    .map((row) => new TextDecoder("latin1").decode(row.sealed.data) + JSON.stringify(row))
    .join("\n");
}

describe("the vault", () => {
  it("lets nothing be read on the disk, nor the key be taken out", async () => {
    const { shelf, vault, log } = await page();
    await vault.unlock("u1", grant());
    await log.add(record("双下肢水肿"), new Blob(["a picture"]));
    const lies = await raw(shelf, "u1");
    for (const word of ["双下肢水肿", "王德顺", "v1", "findings"]) expect(lies).not.toContain(word);
    const [row] = await shelf.accounts();
    await expect(crypto.subtle.exportKey("raw", row?.key as CryptoKey)).rejects.toThrow(/extractable/);
  });

  it("opens after a reload without the server, until its time is over", async () => {
    const first = await page();
    await first.vault.unlock("u1", grant());
    await first.log.add(step("DEPART"));
    const second = await page();
    expect(await second.vault.reopen()).toBe("u1");
    await second.log.load();
    expect(second.log.snapshot()).toMatchObject([{ kind: "STEP", body: { action: "DEPART" } }]);
    now += 73 * hour;
    const third = await page();
    expect(await third.vault.reopen()).toBeUndefined();
    const [row] = await third.shelf.accounts();
    expect(row?.key, "the key is gone").toBeUndefined();
  });

  it("is wiped at signing out; what is not sent waits for the same account alone", async () => {
    const { shelf, vault, log } = await page();
    await vault.unlock("u1", grant());
    await shelf.write({
      kept: [{ account: "u1", name: "sheet", at: now, sealed: await vault.sealJSON("sheet", 1) }],
    });
    await vault.lock();
    expect(await shelf.accounts()).toEqual([]);
    expect(await shelf.allKept("u1")).toEqual([]);

    await vault.unlock("u1", grant());
    await shelf.write({
      kept: [{ account: "u1", name: "sheet", at: now, sealed: await vault.sealJSON("sheet", 1) }],
    });
    await log.add(record("平稳"));
    await vault.lock();
    expect(await shelf.allKept("u1"), "what the server told").toEqual([]);
    expect(await vault.reopen("u1"), "without a sign-in").toBeUndefined();

    await vault.unlock("u2", grant("b"));
    await log.load();
    expect(log.snapshot(), "another account sees nothing").toEqual([]);
    expect(await shelf.acts("u1"), "and destroys nothing").toHaveLength(1);

    await vault.unlock("u1", grant());
    await log.load();
    expect(log.snapshot()).toMatchObject([{ kind: "RECORD", body: { content: { findings: "平稳" } } }]);
  });

  it("opens a value under its own name only", async () => {
    const { vault } = await page();
    await vault.unlock("u1", grant());
    const sealed = await vault.sealJSON("one", { a: 1 });
    await expect(vault.openJSON("other", sealed)).rejects.toMatchObject({ name: "OperationError" });
    new Uint8Array(sealed.data)[3]! ^= 1;
    await expect(vault.openJSON("one", sealed)).rejects.toMatchObject({ name: "OperationError" });
  });
});

describe("the log", () => {
  it("keeps the order of acts when the clock is put back, and over a reload", async () => {
    const first = await page();
    await first.vault.unlock("u1", grant());
    await first.log.add(step("DEPART"));
    now -= hour;
    await first.log.add(step("ARRIVE"));
    const second = await page();
    await second.vault.reopen();
    await second.log.add(step("LEAVE"));
    expect(second.log.snapshot().map((act) => act.kind === "STEP" && act.body.action)).toEqual([
      "DEPART",
      "ARRIVE",
      "LEAVE",
    ]);
  });

  it("replaces a record that waits, but not one that the server may know", async () => {
    const { vault, log } = await page();
    await vault.unlock("u1", grant());
    await log.add(record("一", 3));
    await log.add(record("一二", 3));
    expect(log.snapshot()).toMatchObject([{ body: { revision: 3, content: { findings: "一二" } } }]);
    await log.trying(log.snapshot()[0] as Act);
    await log.add(record("一二三", 3));
    expect(log.snapshot()).toHaveLength(2);
    // The answer says what the next one is written over.
    await log.sent(log.snapshot()[0] as Act, { recordRevision: 4 });
    expect(log.snapshot()).toMatchObject([{ body: { revision: 4, content: { findings: "一二三" } } }]);
  });

  it("makes ids of version 7 that sort as they were made", () => {
    const ids = new Ids();
    const made = Array.from({ length: 200 }, () => ids.next(now));
    expect(made.toSorted()).toEqual(made);
    for (const id of made)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe("the sender", () => {
  const problem = (code: string) => ({ code, message: code, requestId: "r" });

  async function sending(answers: (act: Act) => unknown) {
    const device = await page();
    await device.vault.unlock("u1", grant());
    const sent: string[] = [];
    const waits: number[] = [];
    let signedIn = true;
    const sender = new Sender({
      log: device.log,
      ready: () => signedIn,
      send: async (act) => {
        sent.push(`${act.about.id} ${act.kind === "STEP" ? act.body.action : act.kind}`);
        return answers(act);
      },
      applied: () => undefined,
      later: (_, ms) => {
        waits.push(ms);
        return () => undefined;
      },
    });
    return {
      ...device,
      sender,
      sent,
      waits,
      signOut: () => (signedIn = false),
      signIn: () => (signedIn = true),
    };
  }

  it("sends in order, with the id as key, and forgets what was taken", async () => {
    const keys: string[] = [];
    const { log, sender, sent } = await sending((act) => keys.push(act.id));
    const first = await log.add(step("DEPART"));
    await log.add(step("ARRIVE"));
    await sender.nudge();
    expect(sent).toEqual(["v1 DEPART", "v1 ARRIVE"]);
    expect(keys[0]).toBe(first.id);
    expect(log.snapshot()).toEqual([]);
  });

  it("loses nothing while nobody answers, and waits longer and longer", async () => {
    let away = true;
    const { log, sender, sent, waits } = await sending(() => {
      if (away) throw new NetworkError("no answer");
    });
    await log.add(step("DEPART"));
    for (let i = 0; i < 9; i++) await sender.nudge();
    expect(log.snapshot()).toHaveLength(1);
    expect(waits.slice(0, 3)).toEqual([3000, 6000, 12_000]);
    expect(Math.max(...waits)).toBe(300_000);
    away = false;
    await sender.nudge();
    expect(log.snapshot()).toEqual([]);
    expect(new Set(sent)).toEqual(new Set(["v1 DEPART"]));
  });

  it("waits for a sign-in, also when the server refuses the token", async () => {
    let refuse = true;
    const { log, sender, sent, signOut, signIn } = await sending(() => {
      if (refuse) throw new ApiError(401, problem("token_expired"));
    });
    await log.add(step("DEPART"));
    await sender.nudge();
    expect(log.snapshot()).toMatchObject([{ state: "WAITING" }]);
    signOut();
    await sender.nudge();
    expect(sent).toHaveLength(1);
    signIn();
    refuse = false;
    await sender.nudge();
    expect(log.snapshot()).toEqual([]);
  });

  it("holds what is refused with all that follows of the same visit, and goes on with the others", async () => {
    const { log, sender, sent } = await sending((act) => {
      if (act.about.id === "v1") throw new ApiError(422, problem("visit_time_order"));
    });
    await log.add(step("DEPART", "v1"));
    await log.add(step("ARRIVE", "v1"));
    await log.add(step("DEPART", "v2"));
    await sender.nudge();
    expect(sent).toEqual(["v1 DEPART", "v2 DEPART"]);
    expect(log.snapshot()).toMatchObject([{ state: "HELD", refusal: { status: 422 } }, { state: "WAITING" }]);
    await log.drop(log.snapshot()[0]?.id ?? "");
    expect(nextToSend(log.snapshot())).toMatchObject({ body: { action: "ARRIVE" } });
  });

  it("lets a record in conflict hold up later records, not steps and pictures", async () => {
    const { log, sender, sent } = await sending((act) => {
      if (act.kind === "RECORD") throw new ApiError(409, problem("revision_stale"));
    });
    await log.add(record("我的"));
    await log.add(step("LEAVE"));
    await log.add({ kind: "PHOTO", about: { kind: "visit", id: "v1" }, who: "王德顺" }, new Blob(["x"]));
    await sender.nudge();
    expect(sent).toEqual(["v1 RECORD", "v1 LEAVE", "v1 PHOTO"]);
    expect(log.snapshot()).toMatchObject([{ kind: "RECORD", state: "HELD" }]);
    const id = log.snapshot()[0]?.id;
    await log.again(log.snapshot()[0] as Act, {});
    expect(log.snapshot()[0]?.id, "the server may remember the refused one").not.toBe(id);
  });
});

describe("two records", () => {
  const base = { findings: "平稳", vitals: [{ code: "SBP", value: 150 }], answers: { salt: "normal" } };
  const mine = {
    ...base,
    findings: "双下肢水肿",
    vitals: [{ code: "SBP", value: 162, takenAt: "2026-11-28T01:00:00Z" }],
  };
  const theirs = {
    ...base,
    findings: "轻度水肿",
    done: "换药",
    vitals: [{ code: "SBP", value: 150, takenAt: "x" }],
  };

  it("are asked about where both wrote, and proposed where one did", () => {
    const parts = differences(base, mine, theirs);
    expect(parts.map(({ key, proposed }) => [key, proposed])).toEqual([
      ["findings", undefined],
      ["vitals/SBP", "mine"],
      ["done", "theirs"],
    ]);
  });

  it("become what was chosen, part by part", () => {
    const out = merged(mine, theirs, (key) => (key === "vitals/SBP" ? "mine" : "theirs"));
    expect(out).toEqual({ ...base, findings: "轻度水肿", done: "换药", vitals: mine.vitals });
    expect(merged(mine, theirs, () => "mine")).toEqual(mine);
    expect(merged(mine, theirs, () => "theirs")).toEqual(theirs);
  });
});

describe("a visit with what was done here", () => {
  const visit = {
    id: "v1",
    state: "BOOKED",
    actions: ["DEPART", "ARRIVE", "NOT_DONE", "UNBOOK"],
    events: [],
    recordRevision: 0,
  } as unknown as Schemas["Visit"];
  const act = (of: NewAct, change: Partial<Act> = {}) =>
    ({ ...of, id: "a", at: "2026-11-28T01:00:00Z", state: "WAITING", tries: 0, ...change }) as Act;

  it("goes on as the server would let it", () => {
    const acts = [act(step("DEPART")), act(step("ARRIVE")), act(record("水肿")), act(step("LEAVE"))];
    const out = withActs(visit, acts, "苏医生");
    expect(out).toMatchObject({ state: "LEFT", record: { findings: "水肿" } });
    expect(out.actions).toEqual(["BACK"]);
    expect(out.events.map((e) => e.type)).toEqual(["DEPART", "ARRIVE", "LEAVE"]);
  });

  it("does not show a step that was refused, nor one that the server has already", () => {
    expect(withActs(visit, [act(step("ARRIVE"), { state: "HELD" })], "苏医生").state).toBe("BOOKED");
    const there = { ...visit, state: "ARRIVED", actions: ["LEAVE"] };
    expect(withActs(there, [act(step("ARRIVE"))], "苏医生")).toEqual(there);
  });
});
