import { Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Attachment, useAttachment } from "../../api";
import styles from "./Parts.module.css";
import { Dialog } from "../../dialog";

/** Photos as tiles; pressing one shows it large, pressing again in its own size. */
export function Photos({ of }: { of: readonly Attachment[] }) {
  const { t } = useTranslation("desk");
  const [open, setOpen] = useState<number>();
  const shown = open === undefined ? undefined : of[open];
  return (
    <div className={styles.photos}>
      {of.map((photo, i) => (
        <Tile
          key={photo.id}
          id={photo.id}
          label={t("case.enlarge", { n: i + 1 })}
          onClick={() => setOpen(i)}
        />
      ))}
      <Dialog
        open={shown !== undefined}
        title={open === undefined ? "" : t("case.photo", { n: open + 1 })}
        width="picture"
        onClose={() => setOpen(undefined)}
      >
        {shown && <Large id={shown.id} label={t("case.photo", { n: (open ?? 0) + 1 })} />}
      </Dialog>
    </div>
  );
}

function Tile({ id, label, onClick }: { id: string; label: string; onClick: () => void }) {
  const { t } = useTranslation("desk");
  const { url, error } = useAttachment(id);
  if (error) return <p>{t("case.photoFailed")}</p>;
  if (!url) return <Skeleton.Node active style={{ width: "6.5rem", height: "6.5rem" }} />;
  return (
    <button type="button" className={styles.photo} aria-label={label} onClick={onClick}>
      <img src={url} alt="" />
    </button>
  );
}

function Large({ id, label }: { id: string; label: string }) {
  const { url } = useAttachment(id);
  const [full, setFull] = useState(false);
  return (
    <div className={styles.large} data-full={full}>
      {url && (
        <button type="button" onClick={() => setFull(!full)} aria-pressed={full} aria-label={label}>
          <img src={url} alt={label} />
        </button>
      )}
    </div>
  );
}
