import { Input, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiError, type Consultation, hasCode, useCatalogue, useCommand } from "../../api";
import { Dialog } from "../../dialog";

/** Gives the consultation back, with a reason; just after answering the reason "by mistake" is preset. */
export function ReleaseDialog({
  c,
  open,
  justAnswered,
  onClose,
  onReleased,
  onLost,
}: {
  c: Consultation;
  open: boolean;
  justAnswered: boolean;
  onClose: () => void;
  onReleased: () => void;
  onLost: (error: ApiError) => void;
}) {
  const { t } = useTranslation(["desk", "common"]);
  const { options } = useCatalogue();
  const [reason, setReason] = useState<string>();
  const [note, setNote] = useState("");
  const release = useCommand("post", "/api/v1/consultations/{id}/release", {
    onSuccess: onReleased,
    onError: (error) => {
      if (hasCode(error, "epoch_stale")) onLost(error);
    },
  });
  const chosen = reason ?? (justAnswered ? "BY_MISTAKE" : undefined);
  return (
    <Dialog
      open={open}
      title={t("work.releaseTitle")}
      onClose={onClose}
      act={t("work.release")}
      busy={release.isPending}
      ready={Boolean(chosen)}
      error={release.error}
      onAct={() =>
        chosen &&
        release.mutate({
          path: { id: c.id },
          body: { epoch: c.epoch, reason: chosen, ...(note.trim() ? { note: note.trim() } : {}) },
        })
      }
    >
      <p>{t("work.releaseBody")}</p>
      <Radio.Group
        vertical
        aria-label={t("work.releaseReason")}
        options={options("releaseReasons")}
        value={chosen}
        onChange={(event) => setReason(String(event.target.value))}
      />
      <label htmlFor="release-note">{t("work.releaseNote")}</label>
      <Input.TextArea
        id="release-note"
        value={note}
        maxLength={500}
        autoSize={{ minRows: 2, maxRows: 5 }}
        onChange={(event) => setNote(event.target.value)}
      />
    </Dialog>
  );
}
