import { useEffect, useLayoutEffect, useRef } from "react";
import styles from "./CallStage.module.css";
import { lastPicture } from "./lastPicture";

interface Props {
  stream: MediaStream;
  /** like a mirror: for the own face */
  mirrored?: boolean;
  /** fill the frame and cut what is over; otherwise all is seen */
  cover?: boolean;
  label: string;
  /** is handed the last picture when the stream goes away */
  onLast?: (picture: HTMLCanvasElement) => void;
}

/**
 * A moving picture without sound. When another stream takes the place of one, as after joining a call again, the last picture
 * stands until the new stream shows its first.
 */
export function Picture({ stream, mirrored = false, cover = false, label, onLast }: Props) {
  const element = useRef<HTMLVideoElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const handOver = useRef(onLast);
  useEffect(() => {
    handOver.current = onLast;
  }, [onLast]);

  // A layout effect, since its end comes while the element still shows the former stream.
  useLayoutEffect(() => {
    const video = element.current;
    const canvas = still.current;
    if (!video || !canvas) return undefined;
    video.srcObject = stream;
    // Refused only while the page is in the background; autoplay then begins by itself.
    void video.play()?.catch(() => undefined);
    const moves = () => (canvas.hidden = true);
    video.addEventListener("loadeddata", moves);
    return () => {
      video.removeEventListener("loadeddata", moves);
      const last = lastPicture(video);
      if (!last) return;
      handOver.current?.(last);
      Object.assign(canvas, { width: last.width, height: last.height, hidden: false });
      canvas.getContext("2d")?.drawImage(last, 0, 0);
    };
  }, [stream]);
  return (
    <>
      <video
        ref={element}
        className={styles.picture}
        data-mirrored={mirrored}
        data-cover={cover}
        aria-label={label}
        autoPlay
        playsInline
        muted
      />
      <canvas
        ref={still}
        hidden
        className={styles.still}
        data-mirrored={mirrored}
        data-cover={cover}
        aria-hidden
      />
    </>
  );
}
