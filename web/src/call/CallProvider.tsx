import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useServices } from "../app/services";
import { installDebug } from "./debug";
import { useCall } from "./useCall";

interface SoundState {
  /** the browser holds the sound back until the person presses something */
  blocked: boolean;
  unblock: () => void;
}

const SoundContext = createContext<SoundState>({ blocked: false, unblock: () => undefined });

/** Whether the other side's sound is held back by the browser. */
export function useCallSound(): SoundState {
  return use(SoundContext);
}

/**
 * Stands above the routes, so that a call survives navigation: plays the sound of the others, keeps the screen awake, and
 * shows tests what the connection does.
 */
export function CallProvider({ children }: { children: ReactNode }) {
  const { call: engine } = useServices();
  const { people, own, active } = useCall();
  const [refused, setRefused] = useState<ReadonlySet<HTMLAudioElement>>(new Set());
  useWakeLock(active);
  useEffect(() => installDebug(engine), [engine]);

  const onRefused = useCallback((element: HTMLAudioElement, isRefused: boolean) => {
    setRefused((known) => {
      if (known.has(element) === isRefused) return known;
      const next = new Set(known);
      if (isRefused) next.add(element);
      else next.delete(element);
      return next;
    });
  }, []);
  const unblock = useCallback(() => {
    for (const element of refused) void element.play().then(() => onRefused(element, false));
  }, [refused, onRefused]);
  const sound = useMemo(() => ({ blocked: refused.size > 0, unblock }), [refused, unblock]);

  return (
    <SoundContext value={sound}>
      {children}
      {people.map(
        ({ participantId, audio }) =>
          audio && (
            <Voice key={participantId} stream={audio} speakerId={own.speakerId} onRefused={onRefused} />
          ),
      )}
    </SoundContext>
  );
}

interface VoiceProps {
  stream: MediaStream;
  speakerId: string;
  onRefused: (element: HTMLAudioElement, refused: boolean) => void;
}

/** Plays one person's sound. */
function Voice({ stream, speakerId, onRefused }: VoiceProps) {
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const audio = element.current;
    if (!audio) return undefined;
    audio.srcObject = stream;
    audio.play().then(
      () => onRefused(audio, false),
      (error: unknown) => {
        if (error instanceof DOMException && error.name === "NotAllowedError") onRefused(audio, true);
      },
    );
    return () => onRefused(audio, false);
  }, [stream, onRefused]);
  useEffect(() => {
    // A speaker that was pulled out: the browser falls back to its own choice.
    void element.current?.setSinkId?.(speakerId).catch(() => undefined);
  }, [speakerId]);
  return <audio ref={element} autoPlay hidden />;
}

/** Keeps a tablet from going to sleep during a call. */
function useWakeLock(wanted: boolean): void {
  useEffect(() => {
    if (!wanted || !("wakeLock" in navigator)) return undefined;
    let lock: WakeLockSentinel | undefined;
    let over = false;
    const take = async () => {
      if (document.visibilityState !== "visible" || over) return;
      const taken = await navigator.wakeLock.request("screen").catch(() => undefined);
      if (over) await taken?.release();
      else lock = taken;
    };
    void take();
    const again = () => void take();
    document.addEventListener("visibilitychange", again);
    return () => {
      over = true;
      document.removeEventListener("visibilitychange", again);
      void lock?.release();
    };
  }, [wanted]);
}
