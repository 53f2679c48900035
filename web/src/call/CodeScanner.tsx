import { Alert } from "antd";
import { useEffect, useEffectEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import { DeviceHelp } from "./DeviceHelp";
import { codeReader } from "./readCode";
import styles from "./Panels.module.css";
import { useOwnCamera } from "./useOwnCamera";

/** ms between two looks */
const pause = 200;

/** Looks for a QR code with the camera and hands over what it says, each new text once. */
export function CodeScanner({
  onCode,
  stream,
}: {
  onCode: (text: string) => void;
  /** the camera that is on already (in a call); otherwise the tablet's rear camera is opened */
  stream?: MediaStream | undefined;
}) {
  const { t } = useTranslation("call");
  const camera = useOwnCamera(stream === undefined);
  const source = stream ?? camera.picture;
  const video = useRef<HTMLVideoElement>(null);
  const found = useEffectEvent(onCode);

  useEffect(() => {
    if (video.current && source) video.current.srcObject = source;
  }, [source]);

  useEffect(() => {
    const stop = new AbortController();
    let last: string | undefined;
    const look = async () => {
      const read = await codeReader();
      while (!stop.signal.aborted) {
        const picture = video.current;
        const text =
          picture && picture.videoWidth > 0 ? await read(picture).catch(() => undefined) : undefined;
        if (stop.signal.aborted) return;
        if (text !== undefined && text !== last) {
          last = text;
          found(text);
        }
        await new Promise((done) => setTimeout(done, pause));
      }
    };
    void look();
    return () => stop.abort();
  }, []);

  return (
    <div className={styles.stack}>
      {source && (
        <video ref={video} className={styles.scan} autoPlay playsInline muted aria-label={t("scan.view")} />
      )}
      {camera.failure && (
        <Alert
          type="warning"
          showIcon
          title={t(`failure.camera.${camera.failure}`)}
          description={<DeviceHelp failure={camera.failure} />}
        />
      )}
    </div>
  );
}
