import { CameraOutlined, PictureOutlined } from "@ant-design/icons";
import { Alert, Button } from "antd";
import { type ChangeEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { DeviceHelp } from "./DeviceHelp";
import { stillFromFile, stillOf } from "./media/still";
import styles from "./Panels.module.css";
import { useOwnCamera } from "./useOwnCamera";
import { Dialog } from "../dialog";

interface Props {
  open: boolean;
  onClose: () => void;
  /** a JPEG of at most 2048 px, without hidden data */
  onPhoto: (photo: Blob) => void;
  /** the camera that is on already (in a call); otherwise the tablet's rear camera is opened */
  stream?: MediaStream | undefined;
}

/** Takes a still picture with the camera, or takes one from a file, shows it, and hands it over. */
export function PhotoCapture({ open, onClose, onPhoto, stream }: Props) {
  const { t } = useTranslation("call");
  return (
    <Dialog open={open} title={t("photo.title")} onClose={onClose} width="wide">
      <Capture
        onPhoto={(photo) => {
          onPhoto(photo);
          onClose();
        }}
        stream={stream}
      />
    </Dialog>
  );
}

function Capture({ onPhoto, stream }: Pick<Props, "onPhoto" | "stream">) {
  const { t } = useTranslation("call");
  const camera = useOwnCamera(stream === undefined);
  const source = stream ?? camera.picture;
  const video = useRef<HTMLVideoElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const [taken, setTaken] = useState<{ blob: Blob; url: string }>();
  const [bad, setBad] = useState(false);

  useEffect(() => {
    if (video.current && source) video.current.srcObject = source;
  }, [source, taken]);
  useEffect(() => () => (taken ? URL.revokeObjectURL(taken.url) : undefined), [taken]);

  const keep = (making: Promise<Blob>) => {
    setBad(false);
    making.then(
      (blob) => setTaken({ blob, url: URL.createObjectURL(blob) }),
      () => setBad(true),
    );
  };
  const fromFile = (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = event.target.files?.[0];
    event.target.value = "";
    if (chosen) keep(stillFromFile(chosen));
  };

  return (
    <div className={styles.stack}>
      {taken ? (
        <img className={styles.still} src={taken.url} alt={t("photo.preview")} />
      ) : (
        <>
          {source && (
            <video
              ref={video}
              className={styles.still}
              autoPlay
              playsInline
              muted
              aria-label={t("photo.view")}
            />
          )}
          {camera.failure && (
            <Alert
              type="warning"
              showIcon
              title={t(`failure.camera.${camera.failure}`)}
              description={<DeviceHelp failure={camera.failure} />}
            />
          )}
          <p className={styles.quiet}>{t("photo.hint")}</p>
        </>
      )}
      {bad && <Alert type="error" showIcon title={t("photo.bad")} role="alert" />}
      <div className={styles.row}>
        {taken ? (
          <>
            <Button type="primary" onClick={() => onPhoto(taken.blob)}>
              {t("photo.use")}
            </Button>
            <Button onClick={() => setTaken(undefined)}>{t("photo.again")}</Button>
          </>
        ) : (
          <>
            <Button
              type="primary"
              icon={<CameraOutlined />}
              disabled={!source}
              onClick={() => video.current && keep(stillOf(video.current))}
            >
              {t("photo.take")}
            </Button>
            <Button icon={<PictureOutlined />} onClick={() => file.current?.click()}>
              {t("photo.file")}
            </Button>
            <input
              ref={file}
              type="file"
              accept="image/jpeg,image/png,image/webp,image/*"
              hidden
              onChange={fromFile}
            />
          </>
        )}
      </div>
    </div>
  );
}
