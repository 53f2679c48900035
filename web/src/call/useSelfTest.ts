import { useCallback, useEffect, useState } from "react";
import { useServices } from "../app/services";
import { type DeviceFailure, LocalMedia } from "./media/LocalMedia";
import { microphoneLevel } from "./media/level";
import { probe, type ProbeResult } from "./media/probe";
import { useSignalStatus } from "../signaling";

export type CheckState = "idle" | "running" | "ok" | "warn" | "fail";

export interface SelfTestState {
  running: boolean;
  camera: { state: CheckState; stream?: MediaStream; failure?: DeviceFailure };
  /** level 0–1 */
  microphone: { state: CheckState; level: number; failure?: DeviceFailure };
  speaker: { state: CheckState; asked: boolean };
  network: { state: CheckState; connected: boolean; result?: ProbeResult };
  again: () => void;
  play: () => void;
  heard: (yes: boolean) => void;
}

/** How long the microphone is listened to at most, ms. */
const listenFor = 8000;
/** How long the picture is shown at least, ms. */
const lookFor = 2500;
/** A level that is certainly a voice or a noise, and not the device's own hiss. */
const audible = 0.04;

/** The self-test without its looks. Runs when the component appears. */
export function useSelfTest(): SelfTestState {
  const { signal, sounds, call } = useServices();
  const connected = useSignalStatus().phase === "open";
  const [run, setRun] = useState(0);
  const [camera, setCamera] = useState<SelfTestState["camera"]>({ state: "running" });
  const [microphone, setMicrophone] = useState<SelfTestState["microphone"]>({ state: "running", level: 0 });
  const [speaker, setSpeaker] = useState<SelfTestState["speaker"]>({ state: "idle", asked: false });
  const [network, setNetwork] = useState<Omit<SelfTestState["network"], "connected">>({ state: "running" });

  useEffect(() => {
    const abort = new AbortController();
    const media = new LocalMedia();
    void testDevices(media, abort.signal, setCamera, setMicrophone);
    return () => {
      abort.abort();
      media.stop();
    };
  }, [run]);

  useEffect(() => {
    if (!connected) return undefined;
    const abort = new AbortController();
    probe(signal, abort.signal).then(
      (result) => {
        if (!abort.signal.aborted)
          setNetwork({ state: result.loss > 0.1 || result.rtt > 400 ? "warn" : "ok", result });
      },
      () => {
        if (!abort.signal.aborted) setNetwork({ state: "fail" });
      },
    );
    return () => abort.abort();
  }, [signal, connected, run]);

  const again = useCallback(() => {
    setCamera({ state: "running" });
    setMicrophone({ state: "running", level: 0 });
    setNetwork({ state: "running" });
    setRun((n) => n + 1);
  }, []);
  const play = useCallback(() => {
    void sounds.chime(call.local.snapshot().speakerId);
    setSpeaker((s) => ({ ...s, asked: true }));
  }, [sounds, call]);
  const heard = useCallback((yes: boolean) => setSpeaker({ state: yes ? "ok" : "fail", asked: false }), []);

  const running = [camera.state, microphone.state, network.state].includes("running");
  return { running, camera, microphone, speaker, network: { ...network, connected }, again, play, heard };
}

async function testDevices(
  media: LocalMedia,
  abort: AbortSignal,
  setCamera: (state: SelfTestState["camera"]) => void,
  setMicrophone: (state: SelfTestState["microphone"]) => void,
): Promise<void> {
  await media.start();
  if (abort.aborted) return;
  const { camera, microphone, picture } = media.snapshot();
  if (picture) {
    setCamera({ state: "running", stream: picture });
  } else {
    setCamera({ state: "fail", ...(camera.failure ? { failure: camera.failure } : {}) });
  }
  const looked = picture
    ? pause(lookFor, abort).then(() => {
        if (!abort.aborted) setCamera({ state: "ok" });
      })
    : undefined;
  const sound = media.tracks.microphone;
  if (sound) {
    const loudest = await microphoneLevel(sound, {
      until: audible,
      within: listenFor,
      abort,
      onLevel: (level) => setMicrophone({ state: "running", level }),
    });
    if (abort.aborted) return;
    setMicrophone({ state: loudest >= audible ? "ok" : "warn", level: 0 });
  } else {
    setMicrophone({
      state: "fail",
      level: 0,
      ...(microphone.failure ? { failure: microphone.failure } : {}),
    });
  }
  await looked;
  if (!abort.aborted) media.stop();
}

function pause(ms: number, abort: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    abort.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
