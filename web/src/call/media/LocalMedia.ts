/** Why a device does not work, as far as the browser says. */
export type DeviceFailure =
  | "denied" // the person or the administrator refused
  | "missing" // there is none
  | "busy" // another program uses it
  | "insecure" // the page is not on https or localhost
  | "failed"; // anything else

export interface Device {
  id: string;
  label: string;
}

export type Facing = "user" | "environment";

export interface LocalState {
  /** the own picture, without sound; undefined while the camera is off */
  picture: MediaStream | undefined;
  microphone: { state: "on" | "muted" | "none"; failure?: DeviceFailure; deviceId?: string };
  camera: { state: "on" | "off" | "none"; failure?: DeviceFailure; deviceId?: string; facing: Facing };
  /** the own screen, while it is shared */
  screen: MediaStream | undefined;
  microphones: Device[];
  cameras: Device[];
  speakers: Device[];
  /** chosen speaker; empty: the device's own choice */
  speakerId: string;
}

/** The parts of the browser that are used. */
export type Devices = Pick<
  MediaDevices,
  "getUserMedia" | "getDisplayMedia" | "enumerateDevices" | "addEventListener" | "removeEventListener"
>;

type Source = "microphone" | "camera" | "screen";

const stored = "lz-devices";

interface Choice {
  microphone?: string;
  camera?: string;
  speaker?: string;
}

export function failureOf(error: unknown): DeviceFailure {
  switch (error instanceof Error || error instanceof DOMException ? error.name : "") {
    case "NotAllowedError":
    case "PermissionDeniedError":
      return "denied";
    case "NotFoundError":
    case "DevicesNotFoundError":
    case "OverconstrainedError":
      return "missing";
    case "NotReadableError":
    case "TrackStartError":
    case "AbortError":
      return "busy";
    case "SecurityError":
      return "insecure";
    default:
      return "failed";
  }
}

/**
 * The own camera, microphone and screen: getting them with whatever works, switching them, and telling whoever sends them.
 * A microphone that is muted stays open and sends silence, which is what presence is measured by; a camera that is off is
 * let go, so that its light goes out.
 */
export class LocalMedia {
  #devices: Devices | undefined;
  #state: LocalState = {
    picture: undefined,
    microphone: { state: "none" },
    camera: { state: "none", facing: "user" },
    screen: undefined,
    microphones: [],
    cameras: [],
    speakers: [],
    speakerId: "",
  };
  #tracks: Record<Source, MediaStreamTrack | null> = { microphone: null, camera: null, screen: null };
  #choice: Choice;
  #listeners = new Set<() => void>();
  #onTrack: (source: Source, track: MediaStreamTrack | null) => void = () => undefined;
  /** Rises with every start and stop: what an earlier one still gets is let go. */
  #generation = 0;
  #relist = () => void this.#list();

  constructor(devices: Devices | undefined = navigator.mediaDevices) {
    this.#devices = devices;
    this.#choice = readChoice();
    this.#state = { ...this.#state, speakerId: this.#choice.speaker ?? "" };
  }

  snapshot = (): LocalState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The tracks as they are now. */
  get tracks(): Readonly<Record<Source, MediaStreamTrack | null>> {
    return this.#tracks;
  }

  /** Whoever sends the tracks hears of each change. One listener. */
  sendTo(listener: (source: Source, track: MediaStreamTrack | null) => void): void {
    this.#onTrack = listener;
  }

  /**
   * Opens camera and microphone; with less than both when one fails. Never throws: failures stand in the state. Does
   * nothing for what is open already.
   */
  async start(options: { camera?: boolean; facing?: Facing } = {}): Promise<void> {
    const mine = ++this.#generation;
    const wantCamera = options.camera ?? true;
    if (options.facing) this.#set({ camera: { ...this.#state.camera, facing: options.facing } });
    if (!this.#devices) {
      this.#failed("microphone", "insecure");
      if (wantCamera) this.#failed("camera", "insecure");
      return;
    }
    this.#devices.addEventListener("devicechange", this.#relist);
    const microphone = !live(this.#tracks.microphone);
    const camera = wantCamera && !live(this.#tracks.camera);
    // Together first: one question to the person instead of two.
    const both = microphone && camera ? await this.#open(mine, true, true) : undefined;
    if (both !== true) {
      if (microphone) await this.#open(mine, true, false);
      if (camera) await this.#open(mine, false, true);
    }
    if (mine === this.#generation) await this.#list();
  }

  /** Opens the camera alone. Never throws. */
  async startCamera(facing: Facing): Promise<void> {
    const mine = ++this.#generation;
    this.#set({ camera: { ...this.#state.camera, facing } });
    if (this.#devices) await this.#open(mine, false, true, { facingMode: { ideal: facing } });
    else this.#failed("camera", "insecure");
  }

  /** Lets everything go. */
  stop(): void {
    this.#generation++;
    this.#devices?.removeEventListener("devicechange", this.#relist);
    for (const source of ["microphone", "camera", "screen"] as const) this.#put(source, null);
    this.#set({
      picture: undefined,
      screen: undefined,
      microphone: { state: "none" },
      camera: { state: "none", facing: this.#state.camera.facing },
    });
  }

  async setMicrophone(on: boolean): Promise<void> {
    const track = this.#tracks.microphone;
    if (live(track)) {
      track.enabled = on;
      this.#set({ microphone: { ...this.#state.microphone, state: on ? "on" : "muted" } });
    } else if (on) {
      await this.#open(this.#generation, true, false);
    }
  }

  async setCamera(on: boolean): Promise<void> {
    if (on) {
      if (!live(this.#tracks.camera)) await this.#open(this.#generation, false, true);
      return;
    }
    this.#put("camera", null);
    this.#set({ picture: undefined, camera: { ...this.#state.camera, state: "off" } });
  }

  /** The other camera: the one on the other side of a tablet, or the next in the list. */
  async flip(): Promise<void> {
    const { cameras, camera } = this.#state;
    const facing: Facing = camera.facing === "user" ? "environment" : "user";
    const at = cameras.findIndex((c) => c.id === camera.deviceId);
    const next = cameras.length > 1 ? cameras[(at + 1) % cameras.length] : undefined;
    const sides = cameras.some((c) => /back|rear|environment|后置/i.test(c.label));
    this.#put("camera", null); // many tablets cannot open both at once
    this.#set({ camera: { ...camera, facing } });
    await this.#open(
      this.#generation,
      false,
      true,
      next && !sides ? { deviceId: { exact: next.id } } : { facingMode: facing },
    );
  }

  /** Takes another device and remembers it. */
  async choose(kind: "microphone" | "camera" | "speaker", id: string): Promise<void> {
    this.#choice = { ...this.#choice, [kind]: id };
    localStorage.setItem(stored, JSON.stringify(this.#choice));
    if (kind === "speaker") {
      this.#set({ speakerId: id });
    } else if (kind === "microphone") {
      const muted = this.#state.microphone.state === "muted";
      await this.#open(this.#generation, true, false);
      if (muted) await this.setMicrophone(false);
    } else if (this.#state.camera.state !== "off") {
      await this.#open(this.#generation, false, true);
    }
  }

  /** @returns false when the person refused or the browser cannot */
  async shareScreen(): Promise<boolean> {
    const mine = this.#generation;
    try {
      const stream = await this.#devices?.getDisplayMedia({
        video: { frameRate: { max: 15 } },
        audio: false,
      });
      const track = stream?.getVideoTracks()[0];
      if (!track) return false;
      if (mine !== this.#generation) {
        track.stop();
        return false;
      }
      track.contentHint = "detail";
      this.#put("screen", track);
      this.#set({ screen: new MediaStream([track]) });
      return true;
    } catch {
      return false;
    }
  }

  stopScreen(): void {
    this.#put("screen", null);
    this.#set({ screen: undefined });
  }

  // ---- how

  /** @returns whether all that was asked for is open */
  async #open(
    mine: number,
    audio: boolean,
    video: boolean,
    camera?: MediaTrackConstraints,
  ): Promise<boolean> {
    const { microphone, camera: chosen } = this.#choice;
    const constraints: MediaStreamConstraints = {
      audio: audio && {
        echoCancellation: true,
        noiseSuppression: true,
        autoGainControl: true,
        ...(microphone ? { deviceId: { ideal: microphone } } : {}),
      },
      video: video && {
        width: { ideal: 640 },
        height: { ideal: 480 },
        frameRate: { ideal: 24, max: 30 },
        ...(camera ??
          (chosen ? { deviceId: { ideal: chosen } } : { facingMode: { ideal: this.#state.camera.facing } })),
      },
    };
    try {
      const stream = await this.#devices?.getUserMedia(constraints);
      if (!stream) throw new DOMException("no devices", "SecurityError");
      if (mine !== this.#generation) {
        for (const track of stream.getTracks()) track.stop();
        return true;
      }
      const [sound] = stream.getAudioTracks();
      const [picture] = stream.getVideoTracks();
      if (sound) {
        this.#put("microphone", sound);
        const deviceId = sound.getSettings().deviceId;
        this.#set({ microphone: { state: "on", ...(deviceId ? { deviceId } : {}) } });
      }
      if (picture) {
        this.#put("camera", picture);
        const { deviceId, facingMode } = picture.getSettings();
        const facing =
          facingMode === "environment" || facingMode === "user" ? facingMode : this.#state.camera.facing;
        this.#set({
          picture: new MediaStream([picture]),
          camera: { state: "on", facing, ...(deviceId ? { deviceId } : {}) },
        });
      }
      return true;
    } catch (error) {
      if (mine !== this.#generation) return true;
      // Of two that failed together each is tried alone, which tells them apart.
      if (!(audio && video)) this.#failed(audio ? "microphone" : "camera", failureOf(error));
      return false;
    }
  }

  #failed(source: "microphone" | "camera", failure: DeviceFailure): void {
    this.#put(source, null);
    if (source === "microphone") this.#set({ microphone: { state: "none", failure } });
    else
      this.#set({
        picture: undefined,
        camera: { state: "none", failure, facing: this.#state.camera.facing },
      });
  }

  #put(source: Source, track: MediaStreamTrack | null): void {
    const former = this.#tracks[source];
    if (former === track) return;
    if (former) {
      former.removeEventListener("ended", this.#ended);
      former.stop();
    }
    this.#tracks = { ...this.#tracks, [source]: track };
    track?.addEventListener("ended", this.#ended);
    this.#onTrack(source, track);
  }

  /** A device was pulled out, or the browser's own bar ended the sharing. */
  #ended = (event: Event): void => {
    const source = (["microphone", "camera", "screen"] as const).find(
      (s) => this.#tracks[s] === event.target,
    );
    if (source === "screen") this.stopScreen();
    else if (source === "microphone") void this.#open(this.#generation, true, false);
    else if (source === "camera") void this.#open(this.#generation, false, true);
  };

  async #list(): Promise<void> {
    const list = await this.#devices?.enumerateDevices().catch(() => []);
    const of = (kind: MediaDeviceKind): Device[] =>
      (list ?? [])
        .filter((d) => d.kind === kind && d.deviceId !== "" && d.deviceId !== "communications")
        .map((d) => ({ id: d.deviceId, label: d.label }));
    this.#set({ microphones: of("audioinput"), cameras: of("videoinput"), speakers: of("audiooutput") });
  }

  #set(change: Partial<LocalState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

function live(track: MediaStreamTrack | null): track is MediaStreamTrack {
  return track?.readyState === "live";
}

function readChoice(): Choice {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(stored) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Choice) : {};
  } catch {
    return {};
  }
}
