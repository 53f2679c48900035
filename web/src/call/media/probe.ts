import type { SignalClient } from "../../signaling/SignalClient";

export interface ProbeResult {
  /** ms, the median of the echoes */
  rtt: number;
  /** share (0–1) of messages that did not come back */
  loss: number;
}

const messages = 20;
const every = 50;
const within = 8000;
/** An echo later than this counts as lost, ms. */
const late = 1000;

/**
 * Tests the way to the relay that sound and picture will take: a data channel on which the relay repeats each message.
 *
 * @throws when there is no way, or the server refused
 */
export async function probe(
  signal: Pick<SignalClient, "command">,
  abort: AbortSignal,
  make: () => RTCPeerConnection = () => new RTCPeerConnection({ bundlePolicy: "max-bundle" }),
): Promise<ProbeResult> {
  const pc = make();
  try {
    // Unordered and without repetition, like sound: a message that is lost stays lost.
    const channel = pc.createDataChannel("echo", { ordered: false, maxRetransmits: 0 });
    const opened = opening(channel, AbortSignal.any([abort, AbortSignal.timeout(within)]));
    await pc.setLocalDescription(await pc.createOffer());
    const { answer } = await signal.command("media.probe", { offer: pc.localDescription?.sdp ?? "" });
    await pc.setRemoteDescription({ type: "answer", sdp: answer });
    await opened;
    return await echoes(channel);
  } finally {
    pc.close();
  }
}

function opening(channel: RTCDataChannel, signal: AbortSignal): Promise<void> {
  const opened = new Promise<void>((resolve, reject) => {
    channel.addEventListener("open", () => resolve(), { once: true });
    channel.addEventListener("close", () => reject(new Error("closed")), { once: true });
    signal.addEventListener("abort", () => reject(new Error("no way to the relay")), { once: true });
  });
  opened.catch(() => undefined); // it may fail before it is awaited
  return opened;
}

function echoes(channel: RTCDataChannel): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const times: number[] = [];
    let sent = 0;
    channel.addEventListener("message", (event: MessageEvent<unknown>) => {
      const began = Number(String(event.data));
      if (Number.isFinite(began)) times.push(performance.now() - began);
      if (times.length === messages) finish();
    });
    const timer = setInterval(() => {
      if (sent < messages && channel.readyState === "open") channel.send(String(performance.now()));
      if (++sent >= messages + late / every) finish();
    }, every);
    const finish = () => {
      clearInterval(timer);
      const sorted = times.toSorted((a, b) => a - b);
      resolve({ rtt: sorted[Math.floor(sorted.length / 2)] ?? late, loss: 1 - times.length / messages });
    };
  });
}
