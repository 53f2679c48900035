import { layout, own } from "./slots";

/** The tracks that go out; null where there is none now (one may be put there later, without a new offer). */
export interface Outgoing {
  microphone: MediaStreamTrack | null;
  camera: MediaStreamTrack | null;
  screen: MediaStreamTrack | null;
}

type Capabilities = (kind: "audio" | "video") => RTCRtpCapabilities | null;

/** What a sender may use, bit/s. The picture of a face needs no more, and a bad line less. */
export const bitrates = { microphone: 40_000, camera: 1_200_000, screen: 1_500_000 } as const;

/**
 * The few codecs that the relay takes, in its order: Opus; VP8, then H.264 constrained baseline. Fewer lines keep the offer
 * well below the 64 KiB of a frame.
 */
export function preferredCodecs(kind: "audio" | "video", capabilities: Capabilities): RTCRtpCodec[] {
  const codecs = capabilities(kind)?.codecs ?? [];
  const is = (name: string, fmtp?: RegExp) =>
    codecs.filter(
      (c) => c.mimeType.toLowerCase() === name && (!fmtp || fmtp.test(c.sdpFmtpLine?.toLowerCase() ?? "")),
    );
  if (kind === "audio") return is("audio/opus");
  const h264 = is("video/h264", /packetization-mode=1/).filter((c) =>
    /profile-level-id=42e0/i.test(c.sdpFmtpLine ?? ""),
  );
  const chosen = [...is("video/vp8"), ...h264.slice(0, 1)];
  return chosen.length ? [...chosen, ...is("video/rtx")] : [];
}

/** Makes the transceivers of the layout on a fresh connection, with what is sent now. */
export function addLayout(
  pc: RTCPeerConnection,
  outgoing: Outgoing,
  capabilities: Capabilities = receiverCapabilities,
): void {
  const tracks = [outgoing.microphone, outgoing.camera, outgoing.screen];
  const preferred = {
    audio: preferredCodecs("audio", capabilities),
    video: preferredCodecs("video", capabilities),
  };
  for (const [index, { kind, direction }] of layout.entries()) {
    const transceiver = pc.addTransceiver(tracks[index] ?? kind, { direction });
    if (preferred[kind].length) transceiver.setCodecPreferences(preferred[kind]);
  }
}

function receiverCapabilities(kind: "audio" | "video"): RTCRtpCapabilities | null {
  return RTCRtpReceiver.getCapabilities(kind);
}

/** The sender of one of the own sources. */
export function senderOf(pc: RTCPeerConnection, source: keyof typeof own): RTCRtpSender | undefined {
  return pc.getTransceivers()[own[source]]?.sender;
}

/** The receiver's track of an m-line. */
export function trackOf(pc: RTCPeerConnection, mid: string | undefined): MediaStreamTrack | undefined {
  if (mid === undefined) return undefined;
  return pc.getTransceivers().find((t) => t.mid === mid)?.receiver.track;
}

/**
 * Bounds what the senders use; sound goes first. A camera that is `held` sends nothing, so that sound has the line.
 * Browsers that refuse a parameter keep their defaults.
 */
export async function limitSenders(pc: RTCPeerConnection, held: boolean): Promise<void> {
  for (const source of ["microphone", "camera", "screen"] as const) {
    const sender = senderOf(pc, source);
    if (!sender) continue;
    const parameters = sender.getParameters();
    const encoding = parameters.encodings?.[0];
    if (!encoding) continue;
    encoding.maxBitrate = bitrates[source];
    encoding.priority = source === "microphone" ? "high" : "low";
    encoding.networkPriority = source === "microphone" ? "high" : "low";
    if (source === "camera") encoding.active = !held;
    await sender.setParameters(parameters).catch(() => undefined);
  }
}
