import { describe, expect, it } from "vitest";
import { addLayout, preferredCodecs } from "./peer";
import { AudioFirst, grade, type Level, QualityMeter, type Rates, rates } from "./quality";
import { layout, seats } from "./slots";
import { readDebug, readSample, type Sample } from "./stats";
import { type Expected, Watchdog } from "./watchdog";

describe("slots", () => {
  it("are put to the people they carry; empty ones to nobody", () => {
    const map = seats([
      { mid: "3", kind: "audio", participantId: "p1" },
      { mid: "4", kind: "audio", participantId: "" },
      { mid: "8", kind: "video", participantId: "p1" },
      { mid: "9", kind: "video", participantId: "p2" },
      { mid: "13", kind: "screen", participantId: "p2" },
    ]);
    expect(Object.fromEntries(map)).toEqual({
      p1: { audio: "3", video: "8" },
      p2: { video: "9", screen: "13" },
    });
  });

  it("follow the layout of the protocol: three sent, then five voices, five pictures, a screen", () => {
    const lines = layout.map((l) => `${l.kind} ${l.direction}`);
    expect(lines).toEqual([
      "audio sendonly",
      "video sendonly",
      "video sendonly",
      ...Array.from({ length: 5 }, () => "audio recvonly"),
      ...Array.from({ length: 6 }, () => "video recvonly"),
    ]);
  });
});

describe("the offer", () => {
  const codec = (mimeType: string, sdpFmtpLine?: string) => ({
    mimeType,
    clockRate: 90_000,
    ...(sdpFmtpLine ? { sdpFmtpLine } : {}),
  });
  const all: Record<string, RTCRtpCodec[]> = {
    audio: [codec("audio/opus"), codec("audio/red"), codec("audio/PCMU")],
    video: [
      codec("video/AV1"),
      codec("video/H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"),
      codec("video/H264", "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f"),
      codec("video/rtx"),
      codec("video/VP8"),
      codec("video/ulpfec"),
    ],
  };
  const capabilities = (kind: "audio" | "video") => ({ codecs: all[kind] ?? [], headerExtensions: [] });

  it("names only the relay's codecs, VP8 first", () => {
    expect(preferredCodecs("audio", capabilities).map((c) => c.mimeType)).toEqual(["audio/opus"]);
    expect(preferredCodecs("video", capabilities).map((c) => c.mimeType)).toEqual([
      "video/VP8",
      "video/H264",
      "video/rtx",
    ]);
    expect(preferredCodecs("video", () => null)).toEqual([]);
  });

  it("has a transceiver for each line, with the tracks that there are", () => {
    const added: unknown[] = [];
    const pc = {
      addTransceiver: (track: unknown, init: RTCRtpTransceiverInit) => {
        added.push([track, init.direction]);
        return { setCodecPreferences: () => undefined };
      },
    };
    const microphone = { kind: "audio" } as MediaStreamTrack;
    addLayout(pc as unknown as RTCPeerConnection, { microphone, camera: null, screen: null }, capabilities);
    expect(added).toHaveLength(14);
    expect(added.slice(0, 4)).toEqual([
      [microphone, "sendonly"],
      ["video", "sendonly"],
      ["video", "sendonly"],
      ["audio", "recvonly"],
    ]);
  });
});

const well: Rates = { loss: 0, outLoss: 0, rtt: 30, kbpsIn: 500, kbpsOut: 500, frozen: 0 };

describe("quality", () => {
  const sample = (change: Partial<Sample>): Sample => ({
    at: 0,
    packets: 0,
    bytesIn: 0,
    bytesOut: 0,
    received: 0,
    lost: 0,
    framesDecoded: 0,
    frozen: 0,
    ...change,
  });

  it("is what happened between two samples", () => {
    const before = sample({ at: 1000, received: 100, lost: 10, bytesIn: 10_000 });
    const after = sample({
      at: 3000,
      received: 190,
      lost: 20,
      bytesIn: 110_000,
      frozen: 400,
      rtt: 80,
      outLoss: 0.3,
    });
    expect(rates(before, after)).toEqual({
      loss: 0.1,
      outLoss: 0.3,
      rtt: 80,
      kbpsIn: 400,
      kbpsOut: 0,
      frozen: 0.2,
    });
  });

  it("takes a stream that went away for no loss", () => {
    expect(
      rates(sample({ at: 0, received: 900, lost: 50 }), sample({ at: 2000, received: 100, lost: 0 })).loss,
    ).toBe(0);
  });

  it("is graded by the worst of loss and delay; frozen pictures alone are never bad", () => {
    const graded = (change: Partial<Rates>): Level => grade({ ...well, ...change });
    expect([
      graded({}),
      graded({ loss: 0.03 }),
      graded({ outLoss: 0.1 }),
      graded({ loss: 0.3 }),
      graded({ rtt: 600 }),
      graded({ rtt: 1200 }),
      graded({ frozen: 1 }),
    ]).toEqual(["good", "fair", "poor", "bad", "poor", "bad", "poor"]);
  });

  const run = (levels: Level[]) => {
    const meter = new QualityMeter();
    return levels.map((l) => meter.add(l));
  };

  it("falls after two intervals that agree, to the better of both", () => {
    expect(run(["bad", "good", "bad", "poor"])).toEqual(["good", "good", "good", "poor"]);
  });

  it("rises by one step after four good intervals", () => {
    const levels: Level[] = ["bad", "bad", ...Array.from({ length: 8 }, () => "good" as const)];
    expect(run(levels)).toEqual(["good", "bad", "bad", "bad", "bad", "poor", "poor", "poor", "poor", "fair"]);
  });

  it("does not flicker", () => {
    expect(new Set(run(["good", "fair", "good", "fair", "good", "fair", "good"]))).toEqual(new Set(["good"]));
  });

  it("pauses the own picture when our packets choke, and brings it back when the line is well", () => {
    const first = new AudioFirst();
    const choking = { ...well, outLoss: 0.3 };
    expect([choking, choking, choking].map((r) => first.add(r))).toEqual([false, false, true]);
    expect([well, well, well, well, { ...well, rtt: 900 }].map((r) => first.add(r)).at(-1)).toBe(true);
    expect(Array.from({ length: 5 }, () => first.add(well)).at(-1)).toBe(false);
  });
});

describe("the watchdog", () => {
  const looks = (dog: Watchdog, seconds: number[], packets: number, expected: Expected) =>
    seconds.map((s) => dog.silent(s * 1000, packets, expected, "connected"));

  it("doubts a connection without voices for two seconds, without reports for five", () => {
    expect(looks(new Watchdog(0), [1, 2, 3], 10, "voices")).toEqual([0, 0, 2000]);
    expect(looks(new Watchdog(0), [1, 2, 3, 4, 5, 6], 10, "reports")).toEqual([0, 0, 0, 0, 0, 5000]);
  });

  it("is quicker for a while after the device slept", () => {
    const dog = new Watchdog(0);
    looks(dog, [1], 10, "voices");
    dog.doubt(1000);
    expect(looks(dog, [2], 10, "voices")).toEqual([1000]);
    expect(dog.silent(11_000, 11, "voices", "connected")).toBe(0);
    expect(looks(dog, [12, 13], 11, "voices")).toEqual([0, 2000]);
  });

  it("does not count the time in which the page itself was held up", () => {
    const dog = new Watchdog(0);
    expect(looks(dog, [1, 31, 32], 10, "reports")).toEqual([0, 0, 0]);
    expect(looks(dog, [33, 34], 10, "reports")).toEqual([0, 5000]);
  });

  it("counts any packet as life", () => {
    const dog = new Watchdog(0);
    for (let s = 1; s < 20; s++) expect(dog.silent(s * 1000, s, "voices", "disconnected")).toBe(0);
  });

  it("expects nothing from an empty room, but that the connection stands", () => {
    const dog = new Watchdog(0);
    for (let s = 1; s < 60; s++) expect(dog.silent(s * 1000, 0, "nothing", "connected")).toBe(0);
    const quiet = [60, 61, 62, 63, 64].map((s) => dog.silent(s * 1000, 0, "nothing", "disconnected"));
    expect(quiet).toEqual([0, 0, 0, 0, 5000]);
  });
});

describe("statistics", () => {
  const report = new Map<string, object>(
    [
      {
        id: "T",
        type: "transport",
        packetsReceived: 40,
        bytesReceived: 900,
        bytesSent: 800,
        srtpCipher: "AEAD_AES_128_GCM",
        selectedCandidatePairId: "P",
      },
      {
        id: "P",
        type: "candidate-pair",
        currentRoundTripTime: 0.05,
        responsesReceived: 3,
        localCandidateId: "L",
        remoteCandidateId: "R",
      },
      { id: "L", type: "local-candidate", protocol: "udp", candidateType: "prflx" },
      { id: "R", type: "remote-candidate", protocol: "udp", candidateType: "host", port: 9101 },
      {
        id: "A",
        type: "inbound-rtp",
        kind: "audio",
        packetsReceived: 20,
        packetsLost: 2,
        totalAudioEnergy: 0.5,
      },
      {
        id: "V",
        type: "inbound-rtp",
        kind: "video",
        packetsReceived: 10,
        packetsLost: -1,
        framesDecoded: 7,
        totalFreezesDuration: 1.5,
      },
      { id: "O", type: "outbound-rtp", kind: "video", framesSent: 9 },
      { id: "F", type: "remote-inbound-rtp", kind: "video", fractionLost: 0.25 },
    ].map((s) => [s.id, s]),
  ) as unknown as RTCStatsReport;

  it("give a sample", () => {
    expect(readSample(report, 5)).toEqual({
      at: 5,
      packets: 43,
      bytesIn: 900,
      bytesOut: 800,
      received: 30,
      lost: 2,
      framesDecoded: 7,
      frozen: 1500,
      rtt: 50,
      outLoss: 0.25,
    });
  });

  it("give what a test looks at", () => {
    expect(readDebug(report)).toMatchObject({
      framesDecoded: 7,
      framesSent: 9,
      audioEnergy: 0.5,
      srtpCipher: "AEAD_AES_128_GCM",
      pair: { protocol: "udp", local: "prflx", remote: "host", remotePort: 9101, rtt: 50 },
    });
  });
});
