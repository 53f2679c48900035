import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeStream, type FakeTrack, fakeDevices } from "./fakes";
import { failureOf, LocalMedia } from "./LocalMedia";

beforeEach(() => void vi.stubGlobal("MediaStream", FakeStream));

describe("opening", () => {
  it("asks once for camera and microphone together", async () => {
    const { devices, asked } = fakeDevices();
    const media = new LocalMedia(devices);
    await media.start();
    expect(asked).toHaveLength(1);
    expect(media.snapshot()).toMatchObject({
      microphone: { state: "on", deviceId: "audio-1" },
      camera: { state: "on", deviceId: "video-1" },
      cameras: [{ id: "video-1" }, { id: "video-2" }],
    });
  });

  it.each([
    [{ video: "NotFoundError" }, "on", "none", undefined, "missing"],
    [{ video: "NotReadableError" }, "on", "none", undefined, "busy"],
    [{ audio: "NotAllowedError" }, "none", "on", "denied", undefined],
    [{ audio: "NotAllowedError", video: "NotAllowedError" }, "none", "none", "denied", "denied"],
  ])("goes on with what works: %o", async (failures, microphone, camera, why, whyNot) => {
    const { devices } = fakeDevices(failures);
    const media = new LocalMedia(devices);
    await media.start();
    const state = media.snapshot();
    expect([state.microphone.state, state.camera.state]).toEqual([microphone, camera]);
    expect([state.microphone.failure, state.camera.failure]).toEqual([why, whyNot]);
  });

  it("says that the page is not secure where the browser has no devices at all", async () => {
    const media = new LocalMedia(undefined as never);
    await media.start();
    expect(media.snapshot().microphone.failure).toBe("insecure");
  });

  it("lets go of what arrives after stopping", async () => {
    const { devices, tracks } = fakeDevices();
    const media = new LocalMedia(devices);
    const started = media.start();
    media.stop();
    await started;
    expect(tracks.map((t) => t.readyState)).toEqual(["ended", "ended"]);
    expect(media.snapshot().microphone.state).toBe("none");
  });
});

describe("an open camera and microphone", () => {
  async function opened() {
    const fake = fakeDevices();
    const media = new LocalMedia(fake.devices);
    const sent: unknown[] = [];
    media.sendTo((source, track) =>
      sent.push([source, (track as unknown as FakeTrack | null)?.deviceId ?? null]),
    );
    await media.start();
    sent.length = 0;
    return { ...fake, media, sent };
  }

  it("mutes by sending silence, and keeps the microphone", async () => {
    const { media, tracks, sent } = await opened();
    await media.setMicrophone(false);
    expect(tracks[0]).toMatchObject({ enabled: false, readyState: "live" });
    expect(media.snapshot().microphone.state).toBe("muted");
    await media.setMicrophone(true);
    expect(tracks[0]?.enabled).toBe(true);
    expect(sent).toEqual([]);
  });

  it("lets the camera go when it is off, so that its light goes out", async () => {
    const { media, tracks, sent } = await opened();
    await media.setCamera(false);
    expect(tracks[1]?.readyState).toBe("ended");
    expect(sent).toEqual([["camera", null]]);
    await media.setCamera(true);
    expect(sent.at(-1)).toEqual(["camera", "video-1"]);
    expect(media.snapshot().camera.state).toBe("on");
  });

  it("flips to the next camera", async () => {
    const { media, asked } = await opened();
    await media.flip();
    expect(asked.at(-1)).toMatchObject({ audio: false, video: { deviceId: { exact: "video-2" } } });
  });

  it("remembers a chosen device", async () => {
    const { media, asked } = await opened();
    await media.choose("microphone", "audio-7");
    expect(asked.at(-1)).toMatchObject({ audio: { deviceId: { ideal: "audio-7" } } });
    expect(JSON.parse(localStorage.getItem("lz-devices") ?? "{}")).toEqual({ microphone: "audio-7" });
  });

  it("opens a device again that was pulled out", async () => {
    const { media, tracks, asked } = await opened();
    tracks[0]?.dispatchEvent(new Event("ended"));
    await vi.waitFor(() => expect(media.snapshot().microphone.state).toBe("on"));
    expect(asked).toHaveLength(2);
  });

  it("shares the screen until the browser ends it", async () => {
    const { media, sent } = await opened();
    await expect(media.shareScreen()).resolves.toBe(true);
    expect(sent).toEqual([["screen", "screen"]]);
    (media.tracks.screen as unknown as FakeTrack).dispatchEvent(new Event("ended"));
    expect(media.snapshot().screen).toBeUndefined();
    expect(sent.at(-1)).toEqual(["screen", null]);
  });
});

it("names failures", () => {
  const names = [
    "NotAllowedError",
    "NotFoundError",
    "OverconstrainedError",
    "NotReadableError",
    "SecurityError",
    "X",
  ];
  expect(names.map((n) => failureOf(new DOMException("", n)))).toEqual([
    "denied",
    "missing",
    "missing",
    "busy",
    "insecure",
    "failed",
  ]);
});
