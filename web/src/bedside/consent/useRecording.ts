import { useEffect, useRef, useState } from "react";

/** Longest recording, s: some 2 MB. */
const longest = 300;

/** Records the microphone; what was recorded is handed over when it stops. */
export function useRecording(onRecorded: (sound: Blob) => void) {
  const [running, setRunning] = useState(false);
  const [failed, setFailed] = useState(false);
  const [seconds, setSeconds] = useState(0);
  const recorder = useRef<MediaRecorder>(undefined);
  const handOver = useRef(onRecorded);
  useEffect(() => {
    handOver.current = onRecorded;
  });
  const stop = () => {
    if (recorder.current?.state === "recording") recorder.current.stop();
  };
  // Leaving the sheet ends the recording and lets the microphone go.
  useEffect(() => () => stop(), []);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => {
      setSeconds((s) => {
        if (s + 1 >= longest) stop();
        return s + 1;
      });
    }, 1000);
    return () => clearInterval(timer);
  }, [running]);

  const start = async () => {
    setFailed(false);
    setSeconds(0);
    try {
      const sound = await navigator.mediaDevices.getUserMedia({ audio: true });
      const made = new MediaRecorder(sound, { audioBitsPerSecond: 48_000 });
      const parts: Blob[] = [];
      made.ondataavailable = (event) => parts.push(event.data);
      made.onstop = () => {
        for (const track of sound.getTracks()) track.stop();
        setRunning(false);
        handOver.current(new Blob(parts, { type: made.mimeType }));
      };
      recorder.current = made;
      made.start();
      setRunning(true);
    } catch {
      setFailed(true);
    }
  };
  return { start, stop, running, failed, seconds };
}
