import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { closeAction } from "./protocol";
import { SignalClient } from "./SignalClient";

const opening = { session: "s", user: "u1", serverTime: "2026-01-01T00:00:00Z", build: "b1" };

/** A server's end of a WebSocket. */
class FakeSocket extends EventTarget {
  readyState = 0;
  sent: { type: string; id: string; [field: string]: unknown }[] = [];
  closedByPage = false;

  send(text: string) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closedByPage = true;
  }
  open() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }
  push(frame: object) {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }
  welcome(more: object = {}) {
    this.push({ type: "welcome", ...opening, resume: "r1", positions: [10, 20], ...more });
  }
  resumed(resume: string) {
    this.push({ type: "resumed", ...opening, resume, replayed: 0 });
  }
  event(stream: number, seq: number, prev: number, more: object = {}) {
    this.push({ type: "event", event: "duty.changed", data: {}, at: "", stream, seq, prev, ...more });
  }
  acks() {
    return this.sent.filter((f) => f.type === "ack").map((f) => [f.stream, f.seq]);
  }
  drop(code: number) {
    this.readyState = 3;
    this.dispatchEvent(new CloseEvent("close", { code }));
  }
}

function setup(options: { refresh?: (stale: string) => Promise<string | undefined> } = {}) {
  const sockets: FakeSocket[] = [];
  let token: string | undefined = "token-1";
  const refresh = vi.fn(options.refresh ?? (() => Promise.resolve("token-2")));
  const client = new SignalClient({
    url: "ws://test/ws",
    token: () => token,
    refresh,
    locale: () => "zh-CN",
    socket: (_, protocol) => {
      expect(protocol).toBe("lianzhen.v1");
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    random: () => 1,
    now: () => Date.now(),
  });
  const last = () => sockets.at(-1)!;
  const connect = () => {
    client.start();
    last().open();
    last().welcome();
  };
  return {
    client,
    sockets,
    last,
    connect,
    refresh,
    setToken: (t: string | undefined) => (token = t),
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("opening", () => {
  it("says hello with the token in the first frame, and is open after the welcome", () => {
    const { client, last } = setup();
    client.start();
    expect(client.snapshot().phase).toBe("connecting");
    last().open();
    expect(last().sent).toEqual([{ type: "hello", token: "token-1", locale: "zh-CN" }]);
    last().welcome();
    expect(client.snapshot().phase).toBe("open");
  });

  it("gives up a socket that is not welcomed within 10 s", () => {
    const { client, last } = setup();
    client.start();
    last().open();
    vi.advanceTimersByTime(10_000);
    expect(client.snapshot().phase).toBe("waiting");
    expect(last().closedByPage).toBe(true);
  });
});

describe("losing the socket", () => {
  it("waits twice as long each time, from 0.5 s to 30 s, and begins anew after a welcome", () => {
    const { client, sockets, connect, last } = setup();
    connect();
    for (const wait of [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      const before = sockets.length;
      last().drop(3000);
      expect(client.snapshot().phase).toBe("waiting");
      vi.advanceTimersByTime(wait - 1);
      expect(sockets).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(sockets).toHaveLength(before + 1);
    }
    last().open();
    last().welcome();
    const before = sockets.length;
    last().drop(1006);
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(before + 1);
  });

  it("tries at once when the device comes back online", () => {
    const { client, sockets, connect, last } = setup();
    connect();
    last().drop(1006);
    client.nudge();
    expect(sockets).toHaveLength(2);
    client.nudge();
    expect(sockets).toHaveLength(2);
  });

  it("waits no longer than 3 s from try to try while a call is on", () => {
    const { client, sockets, connect, last } = setup();
    connect();
    client.setUrgent(true);
    for (const wait of [500, 1000, 2000, 3000, 3000]) {
      const before = sockets.length;
      last().drop(1006);
      vi.advanceTimersByTime(wait);
      expect(sockets).toHaveLength(before + 1);
    }
  });

  it("gives up a try sooner during a call, but is twice as patient each time", () => {
    const { client, sockets, connect, last } = setup();
    connect();
    client.setUrgent(true);
    last().drop(1006);
    for (const within of [4000, 8000, 15_000, 15_000]) {
      client.nudge();
      const tries = sockets.length;
      vi.advanceTimersByTime(within - 1);
      expect(last().closedByPage).toBe(false);
      vi.advanceTimersByTime(1);
      expect(sockets[tries - 1]!.closedByPage).toBe(true);
    }
  });

  it("ignores what a former socket still says", () => {
    const { client, sockets, connect, last } = setup();
    const heard = vi.fn();
    client.on("duty.changed", heard);
    connect();
    last().drop(3000);
    sockets[0]!.event(0, 11, 10);
    expect(heard).not.toHaveBeenCalled();
  });
});

describe("frames", () => {
  it("tell of events, also of unknown ones without harm", () => {
    const { client, connect, last } = setup();
    const heard = vi.fn();
    client.on("message.sent", heard);
    connect();
    last().push({ type: "event", event: "something.new", data: {} });
    last().push({ type: "event", event: "message.sent", data: { consultationId: "c1" } });
    expect(heard).toHaveBeenCalledWith({ consultationId: "c1" });
  });

  it("that were told before are passed over, and acknowledged once more", () => {
    const { client, connect, last } = setup();
    const heard = vi.fn();
    client.on("duty.changed", () => heard(last().acks().length));
    connect();
    last().event(1, 24, 20, { ack: true });
    last().event(1, 24, 20, { ack: true });
    last().event(0, 11, 10);
    // The first acknowledgement came after the listener had run, and an event that wants none gets none.
    expect(heard.mock.calls).toEqual([[0], [2]]);
    expect(last().acks()).toEqual([
      [1, 24],
      [1, 24],
    ]);
  });

  it("are acknowledged and told to the others although one listener fails", async () => {
    const { client, connect, last } = setup();
    const faults: unknown[] = [];
    vi.stubGlobal("queueMicrotask", (run: () => void) => {
      try {
        run();
      } catch (error) {
        faults.push(error);
      }
    });
    const heard = vi.fn();
    client.on("duty.changed", () => {
      throw new Error("listener");
    });
    client.on("duty.changed", heard);
    connect();
    last().event(0, 11, 10, { ack: true });
    vi.unstubAllGlobals();
    expect(heard).toHaveBeenCalledTimes(1);
    expect(last().acks()).toEqual([[0, 11]]);
    expect(faults).toHaveLength(1);
  });
});

describe("a session", () => {
  it("is taken up again with its positions and its newest token, and nothing is read anew", () => {
    const { client, connect, last } = setup();
    const notices: string[] = [];
    client.onNotice("welcome", () => notices.push("welcome"));
    client.onNotice("resumed", () => notices.push("resumed"));
    connect();
    last().event(1, 24, 20);
    last().push({ type: "position", positions: [15, 23] });
    const resumes: object[] = [];
    for (const token of ["r2", "r3"]) {
      last().drop(1006);
      vi.advanceTimersByTime(500);
      last().open();
      resumes.push(last().sent[0]!);
      last().resumed(token);
      expect(client.snapshot().phase).toBe("open");
    }
    const resume = { type: "resume", session: "s", positions: [15, 24], locale: "zh-CN" };
    expect(resumes).toEqual([
      { ...resume, resume: "r1" },
      { ...resume, resume: "r2" },
    ]);
    expect(notices).toEqual(["welcome", "resumed", "resumed"]);
  });

  it("that cannot be taken up gives way to a fresh one on the same socket", () => {
    const { client, connect, last, sockets } = setup();
    const welcomes = vi.fn();
    client.onNotice("welcome", welcomes);
    connect();
    last().drop(1006);
    vi.advanceTimersByTime(500);
    last().open();
    last().push({ type: "reload", reason: "expired" });
    expect(last().sent.map((f) => f.type)).toEqual(["resume", "hello"]);
    last().welcome();
    expect(sockets).toHaveLength(2);
    expect(welcomes).toHaveBeenCalledTimes(2);
  });

  it("with a hole is taken up again from before it; a second hole makes a fresh one", () => {
    const { client, connect, last, sockets } = setup();
    const heard = vi.fn();
    client.on("duty.changed", heard);
    connect();
    last().event(1, 40, 30);
    expect(heard).not.toHaveBeenCalled();
    expect(sockets[0]!.closedByPage).toBe(true);
    vi.advanceTimersByTime(500);
    last().open();
    expect(last().sent[0]).toMatchObject({ type: "resume", positions: [10, 20] });
    last().resumed("r2");
    last().event(1, 30, 20);
    last().event(1, 40, 30);
    expect(heard).toHaveBeenCalledTimes(2);
    last().event(1, 60, 50);
    vi.advanceTimersByTime(500);
    last().open();
    expect(last().sent[0]).toMatchObject({ type: "hello" });
  });

  it("of a node that gives no resume token is a fresh one each time", () => {
    const { connect, last } = setup();
    connect();
    last().push({ type: "welcome", ...opening });
    last().drop(3001);
    vi.advanceTimersByTime(500);
    last().open();
    expect(last().sent[0]).toMatchObject({ type: "hello" });
  });

  it("ends with the sign-in", () => {
    const { client, connect, last, setToken } = setup();
    connect();
    client.tokenChanged(undefined);
    setToken("token-2");
    client.start();
    last().open();
    expect(last().sent[0]).toMatchObject({ type: "hello", token: "token-2" });
  });
});

describe("a socket that is dead without saying so", () => {
  it("is found out by a question, and made anew at once", async () => {
    const { client, connect, last, sockets } = setup();
    connect();
    const reached = client.reach();
    expect(last().sent.at(-1)).toMatchObject({ type: "token.renew", token: "token-1" });
    await vi.advanceTimersByTimeAsync(3000);
    expect(await reached).toBe(false);
    expect(sockets).toHaveLength(2);
    const again = client.reach();
    last().open();
    last().resumed("r2");
    expect(await again).toBe(true);
  });

  it("proves that it lives by any frame", async () => {
    const { client, connect, last, sockets } = setup();
    connect();
    const reached = client.reach();
    last().event(0, 11, 10);
    await vi.advanceTimersByTimeAsync(3000);
    expect(await reached).toBe(true);
    expect(sockets).toHaveLength(1);
  });

  it("is asked after half a minute of silence, and after 10 s during a call", async () => {
    const { client, connect, last } = setup();
    const asked = () => last().sent.filter((f) => f.type === "token.renew").length;
    connect();
    await vi.advanceTimersByTimeAsync(29_000);
    expect(asked()).toBe(0);
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked()).toBe(1);
    const { id } = last().sent.at(-1)!;
    last().push({ type: "result", id, ok: true, data: {} });
    client.setUrgent(true);
    await vi.advanceTimersByTimeAsync(11_000);
    expect(asked()).toBe(2);
  });

  it("is not asked after a long sleep, but made anew", () => {
    const { client, connect, sockets } = setup();
    connect();
    client.nudge(61_000);
    expect(sockets).toHaveLength(2);
  });
});

describe("a command", () => {
  it("waits for the connection and gives the data of its result", async () => {
    const { client, last } = setup();
    client.start();
    const result = client.command("presence.get", {});
    last().open();
    last().welcome();
    const sent = last().sent.at(-1)!;
    expect(sent).toMatchObject({ type: "presence.get" });
    last().push({ type: "result", id: sent.id, ok: true, data: { state: "AVAILABLE" } });
    await expect(result).resolves.toEqual({ state: "AVAILABLE" });
  });

  it("fails with the server's code and sentence", async () => {
    const { client, connect, last } = setup();
    connect();
    const result = client.command("presence.set", { state: "OFF" });
    const error = { code: "forbidden", message: "您的岗位不能做这一步。", args: {} };
    last().push({ type: "result", id: last().sent.at(-1)!.id, ok: false, error });
    await expect(result).rejects.toMatchObject(error);
  });

  it("in flight is sent again with the same id when the session is resumed", async () => {
    const { client, connect, last } = setup();
    connect();
    const join = client.command("call.join", { ticket: "t", offer: "o" });
    const { id } = last().sent.at(-1)!;
    last().drop(3000);
    vi.advanceTimersByTime(500);
    last().open();
    last().resumed("r2");
    expect(last().sent.at(-1)).toMatchObject({ type: "call.join", id });
    const data = { connection: "c1" };
    last().push({ type: "result", id, ok: true, data });
    await expect(join).resolves.toEqual(data);
  });

  it("is given up when another session begins, unless it may be carried out twice", async () => {
    const { client, connect, last } = setup();
    connect();
    const join = client.command("call.join", { ticket: "t", offer: "o" });
    const set = client.command("presence.set", { state: "OFF" }, { resend: true });
    const id = last().sent.at(-1)!.id;
    last().drop(3000);
    vi.advanceTimersByTime(500);
    last().open();
    last().push({ type: "reload", reason: "gap" });
    last().welcome();
    await expect(join).rejects.toMatchObject({ code: "disconnected" });
    expect(last().sent.at(-1)).toMatchObject({ type: "presence.set", id });
    last().push({ type: "result", id, ok: true, data: { state: "OFF" } });
    await expect(set).resolves.toEqual({ state: "OFF" });
  });

  it("that was withdrawn is not sent again", async () => {
    const { client, connect, last } = setup();
    connect();
    const abort = new AbortController();
    const join = client.command("call.join", { ticket: "t", offer: "o" }, { abort: abort.signal });
    abort.abort();
    await expect(join).rejects.toMatchObject({ code: "withdrawn" });
    last().drop(3000);
    vi.advanceTimersByTime(500);
    last().open();
    last().resumed("r2");
    expect(last().sent.map((f) => f.type)).toEqual(["resume"]);
  });

  it("is given up after 15 s without a result", async () => {
    const { client, connect } = setup();
    connect();
    const result = client.command("presence.get", {});
    vi.advanceTimersByTime(15_000);
    await expect(result).rejects.toMatchObject({ code: "timeout" });
  });
});

describe("the token", () => {
  it("is renewed on the open socket", () => {
    const { client, connect, last } = setup();
    connect();
    client.tokenChanged("token-2");
    expect(last().sent.at(-1)).toMatchObject({ type: "token.renew", token: "token-2" });
    client.tokenChanged("token-2");
    expect(last().sent.filter((f) => f.type === "token.renew")).toHaveLength(1);
  });

  it("is got anew by HTTP when the socket was closed for it", async () => {
    const { client, connect, last, refresh, sockets } = setup();
    connect();
    last().drop(3005);
    expect(refresh).toHaveBeenCalledWith("token-1");
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(2);
    expect(client.snapshot().phase).toBe("waiting");
  });

  it("that is refused twice running ends the sign-in", async () => {
    const { client, last, sockets } = setup();
    const over = vi.fn();
    client.onNotice("signIn", over);
    client.start();
    last().open();
    last().drop(3500);
    await vi.advanceTimersByTimeAsync(500);
    expect(sockets).toHaveLength(2);
    last().open();
    last().drop(3500);
    expect(over).toHaveBeenCalledTimes(1);
    expect(client.snapshot().phase).toBe("idle");
  });

  it("that is lost closes the socket", () => {
    const { client, connect, last } = setup();
    connect();
    client.tokenChanged(undefined);
    expect(last().closedByPage).toBe(true);
    expect(client.snapshot().phase).toBe("idle");
  });
});

describe("close codes", () => {
  it("say what the page does", () => {
    const said = [
      1006, 3000, 3001, 3005, 3008, 3012, 3013, 3500, 3501, 3502, 3503, 3504, 3509, 3510, 3511, 3999, 4001,
    ];
    expect(said.map(closeAction)).toEqual([
      "retry",
      "retry",
      "retry",
      "renew",
      "retry",
      "retry",
      "retry",
      "renewOnce",
      "report",
      "report",
      "pause",
      "pause",
      "report",
      "signIn",
      "changePassword",
      "report",
      "retry",
    ]);
  });

  it("that stop wait until the page is used", () => {
    const { client, connect, last, sockets } = setup();
    connect();
    last().drop(3504);
    expect(client.snapshot()).toEqual({ phase: "stopped", code: 3504, action: "pause" });
    vi.advanceTimersByTime(120_000);
    expect(sockets).toHaveLength(1);
    client.start();
    expect(sockets).toHaveLength(2);
  });

  it("of a revoked sign-in and a forced password change are told", () => {
    const { client, connect, last } = setup();
    const signIn = vi.fn();
    const changePassword = vi.fn();
    client.onNotice("signIn", signIn);
    client.onNotice("changePassword", changePassword);
    connect();
    last().drop(3510);
    connect();
    last().drop(3511);
    expect([signIn, changePassword].map((f) => f.mock.calls.length)).toEqual([1, 1]);
  });
});
