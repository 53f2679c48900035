import type { Devices } from "./LocalMedia";

/** A track that remembers what was done to it. */
export class FakeTrack extends EventTarget {
  enabled = true;
  readyState: "live" | "ended" = "live";
  readonly id = crypto.randomUUID();
  contentHint = "";
  constructor(
    readonly kind: "audio" | "video",
    readonly deviceId = `${kind}-1`,
  ) {
    super();
  }
  stop() {
    this.readyState = "ended";
  }
  getSettings() {
    return { deviceId: this.deviceId };
  }
}

export class FakeStream {
  constructor(readonly tracks: FakeTrack[]) {}
  getTracks() {
    return this.tracks;
  }
  getAudioTracks() {
    return this.tracks.filter((t) => t.kind === "audio");
  }
  getVideoTracks() {
    return this.tracks.filter((t) => t.kind === "video");
  }
}

/** Devices of a test: what fails, by kind, and what was asked for. */
export function fakeDevices(failures: { audio?: string; video?: string } = {}) {
  const asked: MediaStreamConstraints[] = [];
  const tracks: FakeTrack[] = [];
  const devices = {
    getUserMedia: (constraints: MediaStreamConstraints) => {
      asked.push(constraints);
      const fails = (constraints.audio && failures.audio) || (constraints.video && failures.video);
      if (fails) return Promise.reject(new DOMException("refused", fails));
      const made: FakeTrack[] = [];
      if (constraints.audio) made.push(new FakeTrack("audio"));
      if (constraints.video) made.push(new FakeTrack("video"));
      tracks.push(...made);
      return Promise.resolve(new FakeStream(made));
    },
    getDisplayMedia: () => Promise.resolve(new FakeStream([new FakeTrack("video", "screen")])),
    enumerateDevices: () =>
      Promise.resolve([
        { kind: "videoinput", deviceId: "video-1", label: "front" },
        { kind: "videoinput", deviceId: "video-2", label: "other" },
        { kind: "audioinput", deviceId: "audio-1", label: "mic" },
      ]),
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  };
  return { devices: devices as unknown as Devices, asked, tracks, failures };
}
