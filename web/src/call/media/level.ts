interface LevelOptions {
  /** stop when this level (0–1) was heard */
  until: number;
  /** ms */
  within: number;
  abort: AbortSignal;
  onLevel: (level: number) => void;
}

const every = 100;

/** Listens to a microphone and gives the loudest level heard, 0–1. Ends early when it is loud enough or aborted. */
export async function microphoneLevel(track: MediaStreamTrack, options: LevelOptions): Promise<number> {
  const { until, within, abort, onLevel } = options;
  const context = new AudioContext();
  // Without a press on the page the context may stay silent; then nothing is heard, which is what will be said.
  void context.resume().catch(() => undefined);
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const wave = new Float32Array(analyser.fftSize);
  let loudest = 0;
  let heard = 0;
  await new Promise<void>((resolve) => {
    const began = performance.now();
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(wave);
      const power = wave.reduce((sum, value) => sum + value * value, 0) / wave.length;
      const level = Math.min(1, Math.sqrt(power) * 4);
      loudest = Math.max(loudest, level);
      onLevel(level);
      // A moment longer than the first sound, so that the person sees the meter move.
      if (loudest >= until) heard += every;
      if (heard >= 1000 || performance.now() - began > within || abort.aborted) {
        clearInterval(timer);
        resolve();
      }
    }, every);
  });
  await context.close().catch(() => undefined);
  return loudest;
}
