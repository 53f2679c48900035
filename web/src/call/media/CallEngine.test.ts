import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, NetworkError } from "../../api/errors";
import type { Ticket } from "../../api/types";
import type { Events, Slot } from "../../signaling/protocol";
import { createEmitter } from "../../signaling/emitter";
import { SignalError } from "../../signaling/SignalClient";
import { CallEngine } from "./CallEngine";
import { FakeStream, FakeTrack, fakeDevices } from "./fakes";
import { LocalMedia } from "./LocalMedia";
import { OwnMemory } from "./OwnMemory";
import { layout } from "./slots";

/** A connection that stands at once unless told otherwise, and whose packets a test counts. */
class FakePeer extends EventTarget {
  connectionState: RTCPeerConnectionState = "new";
  localDescription: RTCSessionDescriptionInit | null = null;
  packets = 0;
  flowing = true;
  constructor(readonly stands: () => boolean) {
    super();
  }
  closed = false;
  readonly transceivers = layout.map(({ kind }, index) => ({
    mid: String(index),
    sender: {
      track: null as unknown,
      replaceTrack(track: unknown) {
        this.track = track;
        return Promise.resolve();
      },
      getParameters: () => ({ encodings: [{}] }),
      setParameters: () => Promise.resolve(),
    },
    receiver: { track: new FakeTrack(kind) },
  }));
  getTransceivers() {
    return this.transceivers;
  }
  createOffer() {
    return Promise.resolve({ type: "offer", sdp: "offer" });
  }
  setLocalDescription(description: RTCSessionDescriptionInit) {
    this.localDescription = description;
    return Promise.resolve();
  }
  setRemoteDescription() {
    if (this.stands()) this.become("connected");
    return Promise.resolve();
  }
  getStats() {
    if (this.flowing) this.packets += 50;
    return Promise.resolve(new Map([["T", { id: "T", type: "transport", packetsReceived: this.packets }]]));
  }
  become(state: RTCPeerConnectionState) {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }
  close() {
    this.closed = true;
    this.connectionState = "closed";
  }
}

class FakeStorage {
  readonly #kept = new Map<string, string>();
  getItem = (key: string) => this.#kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.#kept.set(key, value);
  removeItem = (key: string) => void this.#kept.delete(key);
}

const slots: Slot[] = [
  { mid: "3", kind: "audio", participantId: "p-doctor" },
  { mid: "8", kind: "video", participantId: "p-doctor" },
];

function setup({ memory = new OwnMemory(new FakeStorage()) } = {}) {
  const events = createEmitter<Events>();
  const notices = createEmitter<{ welcome: object; resumed: undefined }>();
  const peers: FakePeer[] = [];
  const commands: { type: string; [field: string]: unknown }[] = [];
  let joins = 0;
  const world = {
    callId: "call-1",
    reachable: true,
    /** whether connections to the relay come to stand */
    standing: true,
    reach: vi.fn(() => Promise.resolve(world.reachable)),
    state: (): Promise<unknown> => Promise.resolve({ participants: [], slots }),
    ticket: vi.fn((): Promise<Ticket> => {
      return Promise.resolve({
        callId: world.callId,
        participantId: "p-nurse",
        ticket: "t",
        expiresAt: "",
        epoch: 1,
        startedAt: "2026-01-01T00:00:00Z",
        participants: [
          { id: "p-nurse", userId: "u1", name: "李护士", role: "NURSE", side: "CARE" },
          { id: "p-doctor", userId: "u2", name: "王医生", role: "CONSULTANT", side: "MEDICAL" },
        ],
      });
    }),
    join: (): Promise<unknown> =>
      Promise.resolve({
        callId: world.callId,
        participantId: "p-nurse",
        connection: `c${++joins}`,
        answer: "answer",
        slots,
      }),
  };
  const engine = new CallEngine({
    local: new LocalMedia(fakeDevices().devices),
    ticket: world.ticket,
    signal: {
      command: ((type: string, fields: object, options?: { abort?: AbortSignal }) => {
        commands.push({ type, ...fields });
        if (type === "call.state") return world.state();
        if (type !== "call.join") return Promise.resolve({});
        const withdrawn = new Promise((_, reject) =>
          options?.abort?.addEventListener("abort", () => reject(new SignalError("withdrawn", ""))),
        );
        return Promise.race([world.join(), withdrawn]);
      }) as never,
      reach: world.reach,
      on: events.on as never,
      onNotice: notices.on as never,
    },
    peer: () => {
      const peer = new FakePeer(() => world.standing);
      peers.push(peer);
      return peer as unknown as RTCPeerConnection;
    },
    prepare: () => undefined,
    memory,
    now: () => Date.now(),
    random: () => 1,
  });
  const doctor = (change: "joined" | "left" | "muted", more: object = {}) =>
    events.emit("call.participant", {
      callId: "call-1",
      participantId: "p-doctor",
      connection: "d1",
      userId: "u2",
      name: "王医生",
      role: "CONSULTANT",
      change,
      audioMuted: false,
      videoMuted: false,
      ...more,
    } as Events["call.participant"]);
  const self = (reason: string, connection: string) =>
    doctor("left", { participantId: "p-nurse", connection, reason });
  const enter = async () => {
    await engine.enter("con-1", { path: "/call/con-1" });
    expect(engine.snapshot().phase).toBe("connected");
  };
  return { engine, events, notices, peers, commands, world, doctor, self, enter };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("MediaStream", FakeStream);
});
afterEach(() => void vi.useRealTimers());

describe("entering", () => {
  it("opens the devices, joins with a ticket, and shows who is where", async () => {
    const { engine, commands, doctor, enter, peers } = setup();
    await enter();
    expect(commands.filter((c) => c.type === "call.join")).toEqual([
      { type: "call.join", ticket: "t", offer: "offer" },
    ]);
    expect(engine.snapshot().people).toMatchObject([{ name: "王医生", side: "MEDICAL", joined: false }]);
    doctor("joined");
    const person = engine.snapshot().people[0];
    const tracks = (stream: unknown) => (stream as FakeStream | undefined)?.tracks;
    expect(tracks(person?.audio)).toEqual([peers[0]?.transceivers[3]?.receiver.track]);
    expect(tracks(person?.video)).toEqual([peers[0]?.transceivers[8]?.receiver.track]);
  });

  it("twice enters once", async () => {
    const { engine, peers, enter } = setup();
    await enter();
    await engine.enter("con-1", { path: "/elsewhere" });
    expect(peers).toHaveLength(1);
    expect(engine.snapshot().path).toBe("/elsewhere");
  });

  it("tries again while nobody answers", async () => {
    const { engine, world } = setup();
    world.ticket.mockRejectedValueOnce(new NetworkError("no answer"));
    const join = world.join;
    world.join = () => {
      world.join = join;
      return Promise.reject(new SignalError("disconnected", ""));
    };
    const entered = engine.enter("con-1");
    await vi.advanceTimersByTimeAsync(1000);
    await vi.advanceTimersByTimeAsync(2000);
    await entered;
    expect(engine.snapshot().phase).toBe("connected");
    expect(world.ticket).toHaveBeenCalledTimes(3);
  });

  it("stops at a refusal, and lets the devices go", async () => {
    const { engine, world } = setup();
    const refusal = new ApiError(409, { code: "wrong_state", message: "会诊已结束。", requestId: "r" });
    world.ticket.mockRejectedValueOnce(refusal);
    await engine.enter("con-1");
    expect(engine.snapshot()).toMatchObject({ phase: "failed", error: refusal });
    expect(engine.local.snapshot().microphone.state).toBe("none");
  });
});

describe("the others", () => {
  it("keep their streams while slots are named again", async () => {
    const { engine, events, doctor, enter } = setup();
    await enter();
    doctor("joined");
    const before = engine.snapshot().people[0];
    events.emit("call.slots", { callId: "call-1", connection: "c1", slots: [...slots] });
    expect(engine.snapshot().people[0]?.video).toBe(before?.video);
    events.emit("call.slots", { callId: "call-1", connection: "c1", slots: [] });
    expect(engine.snapshot().people[0]?.video).toBeUndefined();
  });

  it("have no picture while their camera is off", async () => {
    const { engine, doctor, enter } = setup();
    await enter();
    doctor("joined");
    doctor("muted", { videoMuted: true });
    expect(engine.snapshot().people[0]).toMatchObject({ videoMuted: true, video: undefined, joined: true });
  });

  it("who connected again are not gone when their old connection leaves", async () => {
    const { engine, doctor, enter } = setup();
    await enter();
    doctor("joined");
    doctor("joined", { connection: "d2" });
    doctor("left", { connection: "d1", reason: "replaced" });
    expect(engine.snapshot().people[0]?.joined).toBe(true);
    doctor("left", { connection: "d2", reason: "left" });
    expect(engine.snapshot().people[0]?.joined).toBe(false);
  });
});

describe("media that dies", () => {
  it("is joined again with a new ticket after two silent seconds, beside the old connection", async () => {
    const { engine, peers, world, doctor, enter } = setup();
    await enter();
    doctor("joined");
    const phases: string[] = [];
    engine.subscribe(() => phases.push(engine.snapshot().phase));
    await vi.advanceTimersByTimeAsync(1000);
    peers[0]!.flowing = false;
    await vi.advanceTimersByTimeAsync(1900);
    expect(engine.snapshot().phase).toBe("connected");
    await vi.advanceTimersByTimeAsync(100);
    expect(engine.snapshot().phase).toBe("reconnecting");
    expect(peers[0]?.closed).toBe(false);
    expect(engine.snapshot().people[0]?.video).toBeDefined();
    await vi.advanceTimersByTimeAsync(400);
    expect(engine.snapshot()).toMatchObject({ phase: "connected", rejoins: 1 });
    expect(peers[0]?.closed).toBe(true);
    expect(world.ticket).toHaveBeenCalledTimes(2);
    expect(engine.connection).toBe("c2");
    expect(phases).not.toContain("joining");
  });

  it("is left alone while the server cannot be reached either, and joined again when it can", async () => {
    const { engine, peers, notices, world, doctor, enter } = setup();
    await enter();
    doctor("joined");
    peers[0]!.flowing = false;
    world.reachable = false;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(engine.snapshot()).toMatchObject({ phase: "reconnecting", reachable: false });
    expect(world.ticket).toHaveBeenCalledTimes(1);
    world.reachable = true;
    notices.emit("resumed", undefined);
    await vi.advanceTimersByTimeAsync(1400);
    expect(world.ticket).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(200);
    expect(engine.snapshot()).toMatchObject({ phase: "connected", rejoins: 1 });
  });

  it("is kept when it comes back by itself", async () => {
    const { engine, peers, world, doctor, enter } = setup();
    await enter();
    doctor("joined");
    peers[0]!.flowing = false;
    world.reachable = false;
    await vi.advanceTimersByTimeAsync(5000);
    expect(engine.snapshot().phase).toBe("reconnecting");
    world.reachable = true;
    peers[0]!.flowing = true;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(engine.snapshot()).toMatchObject({ phase: "connected", rejoins: 0, lostAt: undefined });
    expect(world.ticket).toHaveBeenCalledTimes(1);
    expect(engine.connection).toBe("c1");
  });

  it("is tried for ever, more and more slowly", async () => {
    const { engine, peers, world, enter } = setup();
    await enter();
    world.join = () => Promise.reject(new SignalError("media_closed", ""));
    peers[0]!.become("failed");
    await vi.advanceTimersByTimeAsync(900);
    for (const wait of [1000, 2000, 3000, 3000, 3000, 3000]) {
      const before = world.ticket.mock.calls.length;
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(world.ticket).toHaveBeenCalledTimes(before);
      await vi.advanceTimersByTimeAsync(1);
      expect(world.ticket).toHaveBeenCalledTimes(before + 1);
    }
    expect(engine.snapshot().phase).toBe("reconnecting");
  });

  it("does not lead into another call", async () => {
    const { engine, peers, world, enter } = setup();
    await enter();
    world.callId = "call-2";
    peers[0]!.become("failed");
    await vi.advanceTimersByTimeAsync(1000);
    expect(engine.snapshot().phase).toBe("ended");
    expect(peers).toHaveLength(1);
  });

  it("is the end when the server says so meanwhile", async () => {
    const { engine, events, peers, world, self, enter } = setup();
    await enter();
    self("room_closed", "c1");
    peers[0]!.become("failed");
    events.emit("call.ended", { callId: "call-1", consultationId: "con-1", reason: "ended" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(engine.snapshot()).toMatchObject({ phase: "ended", endReason: "ended" });
    expect(world.ticket).toHaveBeenCalledTimes(1);
  });

  it("after a sleep is noticed at the next look", async () => {
    const { engine, peers, doctor, enter } = setup();
    await enter();
    doctor("joined");
    await vi.advanceTimersByTimeAsync(1000);
    peers[0]!.flowing = false;
    engine.nudge({ kind: "woke", slept: 60_000 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(engine.snapshot().phase).toBe("reconnecting");
  });
});

describe("a call that moves to another node", () => {
  const moved = { callId: "call-1", consultationId: "con-1", reason: "node_lost" as const };

  it("is followed at once", async () => {
    const { engine, events, peers, enter } = setup();
    await enter();
    events.emit("call.moved", { ...moved, callId: "call-9" });
    expect(engine.snapshot().phase).toBe("connected");
    events.emit("call.moved", moved);
    expect(engine.snapshot().phase).toBe("reconnecting");
    await vi.advanceTimersByTimeAsync(400);
    expect(engine.snapshot()).toMatchObject({ phase: "connected", rejoins: 1 });
    expect(peers.map((p) => p.closed)).toEqual([true, false]);
  });

  it("is joined by the try that waits for its answer: another one beside it would put it out", async () => {
    const { engine, events, peers, world, doctor, enter } = setup();
    await enter();
    doctor("joined");
    peers[0]!.flowing = false;
    const join = world.join;
    let answer = () => undefined as void;
    world.join = () => new Promise<void>((resolve) => (answer = resolve)).then(join);
    await vi.advanceTimersByTimeAsync(4000);
    expect(world.ticket).toHaveBeenCalledTimes(2);
    events.emit("call.moved", moved);
    await vi.advanceTimersByTimeAsync(1000);
    expect(world.ticket).toHaveBeenCalledTimes(2);
    answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(engine.snapshot()).toMatchObject({ phase: "connected", rejoins: 1 });
  });

  it("ends a try at the node that died; the echo of that try does not put this page out", async () => {
    const { engine, events, peers, world, doctor, self, enter } = setup();
    await enter();
    doctor("joined");
    peers[0]!.flowing = false;
    // The node answers and dies before the connection stands.
    world.standing = false;
    await vi.advanceTimersByTimeAsync(4000);
    expect([world.ticket.mock.calls.length, engine.snapshot().phase]).toEqual([2, "reconnecting"]);
    world.standing = true;
    events.emit("call.moved", moved);
    await vi.advanceTimersByTimeAsync(1000);
    expect(world.ticket).toHaveBeenCalledTimes(3);
    expect(engine.snapshot().phase).toBe("connected");
    self("replaced", engine.connection!);
    expect(engine.snapshot().phase).toBe("reconnecting");
  });

  it("is tried anew after 5 s when the relay that answered does not connect, and then with more patience", async () => {
    const { engine, events, world, enter } = setup();
    await enter();
    world.standing = false;
    events.emit("call.moved", moved);
    await vi.advanceTimersByTimeAsync(400 + 5000 + 1000);
    expect(world.ticket).toHaveBeenCalledTimes(3);
    await vi.advanceTimersByTimeAsync(9900);
    expect(world.ticket).toHaveBeenCalledTimes(3);
    world.standing = true;
    await vi.advanceTimersByTimeAsync(100 + 2000);
    expect(engine.snapshot().phase).toBe("connected");
  });
});

it("losing signaling touches nothing; a fresh session is told the mutes and asked how the call stands", async () => {
  const { engine, notices, peers, commands, world, doctor, enter } = setup();
  await enter();
  doctor("joined");
  const sent = (type: string) => commands.filter((c) => c.type === type);
  expect(sent("call.mute")).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(60_000);
  notices.emit("resumed", undefined);
  expect([sent("call.mute").length, sent("call.state").length]).toEqual([1, 0]);
  const person = { participantId: "p-eye", userId: "u3", name: "赵医生", role: "CONSULTANT" };
  world.state = () =>
    Promise.resolve({
      participants: [{ ...person, connection: "e1", audioMuted: true, videoMuted: true }],
      slots,
    });
  notices.emit("welcome", { resume: "r" });
  await vi.advanceTimersByTimeAsync(0);
  expect(sent("call.mute")).toHaveLength(2);
  expect(sent("call.state")).toEqual([{ type: "call.state", callId: "call-1", connection: "c1" }]);
  expect(engine.snapshot().people.map((p) => [p.name, p.joined])).toEqual([
    ["王医生", false],
    ["赵医生", true],
  ]);
  expect(engine.snapshot()).toMatchObject({ phase: "connected", rejoins: 0 });
  expect(peers).toHaveLength(1);
});

it("a connection that the relay does not know any more is made anew", async () => {
  const { engine, notices, world, enter } = setup();
  await enter();
  world.state = () => Promise.reject(new SignalError("media_connection_unknown", ""));
  notices.emit("welcome", { resume: "r" });
  await vi.advanceTimersByTimeAsync(1000);
  expect(engine.snapshot()).toMatchObject({ phase: "connected", rejoins: 1 });
});

it("after a reload of the page the person is as silent and unseen as before, after leaving not", async () => {
  const memory = new OwnMemory(new FakeStorage());
  const before = setup({ memory });
  await before.enter();
  await before.engine.local.setMicrophone(false);
  await before.engine.local.setCamera(false);
  const after = setup({ memory });
  await after.enter();
  expect(after.engine.local.snapshot()).toMatchObject({
    microphone: { state: "muted" },
    camera: { state: "off" },
  });
  expect(after.commands.filter((c) => c.type === "call.mute")).toMatchObject([{ audio: true, video: true }]);
  after.engine.leave();
  await after.enter();
  expect(after.engine.local.snapshot().microphone.state).toBe("on");
});

it("muting is told to the others once", async () => {
  const { engine, commands, enter } = setup();
  await enter();
  await engine.local.setMicrophone(false);
  await engine.local.setMicrophone(false);
  expect(commands.filter((c) => c.type === "call.mute").map((c) => [c.audio, c.video])).toEqual([
    [false, false],
    [true, false],
  ]);
});

it("gives way to another page of the same person", async () => {
  const { engine, self, enter, peers } = setup();
  await enter();
  self("replaced", "c0");
  expect(engine.snapshot().phase).toBe("connected");
  self("replaced", "c1");
  expect(engine.snapshot().phase).toBe("elsewhere");
  expect(peers[0]?.closed).toBe(true);
});

it("enters again as before, with the grantee's epoch", async () => {
  const { engine, self, world } = setup();
  await engine.enter("con-1", { epoch: 3, path: "/work/con-1" });
  self("replaced", "c1");
  await engine.again();
  expect(engine.snapshot()).toMatchObject({ phase: "connected", path: "/work/con-1" });
  expect(world.ticket.mock.calls).toEqual([
    ["con-1", 3],
    ["con-1", 3],
  ]);
});

it("leaving says so, closes all and stops all timers", async () => {
  const { engine, commands, peers, enter } = setup();
  await enter();
  engine.leave();
  expect(commands.at(-1)).toEqual({ type: "call.leave", callId: "call-1", connection: "c1" });
  expect(engine.snapshot().phase).toBe("idle");
  expect(peers[0]?.closed).toBe(true);
  expect(engine.local.tracks.microphone).toBeNull();
  expect(vi.getTimerCount()).toBe(0);
});

it("leaving while it joins has no later effect", async () => {
  const { engine, peers, world } = setup();
  let answer: (data: unknown) => void = () => undefined;
  world.join = () => new Promise((resolve) => (answer = resolve));
  const entered = engine.enter("con-1");
  await vi.waitFor(() => expect(peers).toHaveLength(1));
  engine.leave();
  answer({ callId: "call-1", participantId: "p-nurse", connection: "c1", answer: "answer", slots: [] });
  await entered;
  expect(engine.snapshot().phase).toBe("idle");
  expect(peers[0]?.closed).toBe(true);
});
