import { useEffect, useRef } from "react";
import styles from "./CallStage.module.css";

interface Props {
  stream: MediaStream;
  /** like a mirror: for the own face */
  mirrored?: boolean;
  /** fill the frame and cut what is over; otherwise all is seen */
  cover?: boolean;
  label: string;
}

/** A moving picture without sound. */
export function Picture({ stream, mirrored = false, cover = false, label }: Props) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (!video) return;
    video.srcObject = stream;
    // Refused only while the page is in the background; autoplay then begins by itself.
    void video.play()?.catch(() => undefined);
  }, [stream]);
  return (
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
  );
}
