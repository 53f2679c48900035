import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { closeAction } from "./protocol";
import { SignalClient } from "./SignalClient";

/** A server's end of a WebSocket. */
class FakeSocket extends EventTarget {
  readyState = 0;
  sent: { type: string; id: string; [field: string]: unknown }[] = [];
  seq = 0;
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
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify({ seq: ++this.seq, ...frame }) }));
  }
  welcome() {
    this.push({ type: "welcome", session: "s", user: "u1", serverTime: "2026-01-01T00:00:00Z", build: "b1" });
  }
  drop(code: number) {
    this.readyState = 3;
    this.dispatchEvent(new CloseEvent("close", { code }));
  }
}

function setup(options: { refresh?: (stale: string) => Promise<string | undefined> } = {}) {
  const sockets: FakeSocket[] = [];
  const target = new EventTarget();
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
    target: target as Window,
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
    target,
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
    const { sockets, connect, last, target } = setup();
    connect();
    last().drop(1006);
    target.dispatchEvent(new Event("online"));
    expect(sockets).toHaveLength(2);
  });

  it("reads everything again after the next welcome", () => {
    const { client, connect, last } = setup();
    const missed = vi.fn();
    client.onNotice("missed", missed);
    connect();
    expect(missed).not.toHaveBeenCalled();
    last().drop(3008);
    vi.advanceTimersByTime(500);
    last().open();
    last().welcome();
    expect(missed).toHaveBeenCalledTimes(1);
  });

  it("ignores what a former socket still says", () => {
    const { client, sockets, connect, last } = setup();
    const heard = vi.fn();
    client.on("duty.changed", heard);
    connect();
    last().drop(3000);
    sockets[0]!.push({ type: "event", event: "duty.changed", data: {} });
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

  it("with a gap in their numbers make the page read everything again, before the event is told", () => {
    const { client, connect, last } = setup();
    const order: string[] = [];
    client.onNotice("missed", () => order.push("missed"));
    client.on("duty.changed", () => order.push("duty"));
    connect();
    last().push({ type: "event", event: "duty.changed", data: {}, seq: 4 });
    last().push({ type: "event", event: "duty.changed", data: {}, seq: 5 });
    expect(order).toEqual(["missed", "duty", "duty"]);
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

  it("is given up when the socket is lost, unless it may be sent again", async () => {
    const { client, connect, last } = setup();
    connect();
    const join = client.command("call.join", { ticket: "t", offer: "o" });
    const set = client.command("presence.set", { state: "OFF" }, { resend: true });
    const id = last().sent.at(-1)!.id;
    last().drop(3000);
    await expect(join).rejects.toMatchObject({ code: "disconnected" });
    vi.advanceTimersByTime(500);
    last().open();
    last().welcome();
    expect(last().sent.at(-1)).toMatchObject({ type: "presence.set", id });
    last().push({ type: "result", id, ok: true, data: { state: "OFF" } });
    await expect(set).resolves.toEqual({ state: "OFF" });
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
      1006, 3000, 3001, 3005, 3008, 3012, 3013, 3500, 3501, 3502, 3504, 3509, 3510, 3511, 3999, 4001,
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
