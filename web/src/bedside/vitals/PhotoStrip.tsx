import { CameraOutlined } from "@ant-design/icons";
import { Button, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, useAttachment, useCommand } from "../../api";
import { useServices } from "../../app/services";
import { useServerNow } from "../../clock/useServerNow";
import { PhotoCapture } from "../../call";
import { useFormat } from "../../i18n/useFormat";
import { readKey } from "../../api";
import { can } from "../request/progress";
import styles from "./Vitals.module.css";
import { Dialog, Refused } from "../../dialog";

/** Uploads photos to a request; several may be on their way. */
export function usePhotoUpload(id: string) {
  const { query } = useServices();
  const upload = useCommand("post", "/api/v1/consultations/{id}/photos", {
    onSuccess: () =>
      void query.invalidateQueries({ queryKey: readKey("/api/v1/consultations/{id}", { path: { id } }) }),
  });
  return {
    send: (photo: Blob) => upload.mutate({ path: { id }, body: photo }),
    busy: upload.isPending,
    error: upload.error,
    /** the photo that was not stored, to send again */
    failed: upload.isError ? upload.variables?.body : undefined,
  };
}

/** The photos of a request, and the way to take another. */
export function PhotoStrip({ c }: { c: Consultation }) {
  const { t } = useTranslation(["bedside", "common"]);
  const [taking, setTaking] = useState(false);
  const upload = usePhotoUpload(c.id);
  const { failed } = upload;
  return (
    <>
      <div className={styles.photos}>
        {c.photos.map((photo, i) => (
          <Photo key={photo.id} id={photo.id} takenAt={photo.createdAt} number={i + 1} />
        ))}
        {upload.busy && <Skeleton.Node active className={styles.photo} />}
        {can(c, "addPhoto") && (
          <Button icon={<CameraOutlined aria-hidden />} onClick={() => setTaking(true)}>
            {c.photos.length > 0 ? t("photos.another") : t("photos.take")}
          </Button>
        )}
      </div>
      <Refused error={upload.error}>
        {failed && <Button onClick={() => upload.send(failed)}>{t("common:actions.retry")}</Button>}
      </Refused>
      <PhotoCapture
        open={taking}
        onClose={() => setTaking(false)}
        onPhoto={(photo) => {
          upload.send(photo);
          setTaking(false);
        }}
      />
    </>
  );
}

function Photo({ id, takenAt, number }: { id: string; takenAt: string; number: number }) {
  const { t } = useTranslation(["bedside", "common"]);
  const { url } = useAttachment(id);
  const format = useFormat();
  const now = useServerNow(60_000);
  const [open, setOpen] = useState(false);
  const label = t("photos.number", { n: number, time: format.moment(takenAt, now) });
  const close = () => setOpen(false);
  return (
    <>
      <button type="button" className={styles.photo} aria-label={label} onClick={() => setOpen(true)}>
        {url && <img src={url} alt="" />}
      </button>
      <Dialog
        open={open}
        title={label}
        width="widest"
        onClose={close}
        footer={<Button onClick={close}>{t("common:actions.close")}</Button>}
      >
        {url && <img src={url} alt={label} className={styles.large} />}
      </Dialog>
    </>
  );
}
