import { trackOf } from "./peer";

/** One lasting stream object for each track, so that elements which play it do not start anew. */
export class TrackStreams {
  #known = new Map<string, { track: MediaStreamTrack; stream: MediaStream }>();

  of(pc: RTCPeerConnection, mid: string | undefined): MediaStream | undefined {
    const track = trackOf(pc, mid);
    if (!track) return undefined;
    const known = this.#known.get(track.id);
    if (known?.track === track) return known.stream;
    const stream = new MediaStream([track]);
    this.#known.set(track.id, { track, stream });
    return stream;
  }

  clear(): void {
    this.#known.clear();
  }
}
