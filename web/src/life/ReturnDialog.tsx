import { Checkbox, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand } from "../api";
import styles from "./Life.module.css";
import { Dialog } from "../dialog";

/** 退回补充: what is lacking, in the words of the list, and more words. */
export function ReturnDialog({
  of,
  onClose,
  onDone,
}: {
  of: { id: string; epoch: number };
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useTranslation(["life", "common"]);
  const { choices } = useCatalogue();
  const [lacking, setLacking] = useState<string[]>([]);
  const [note, setNote] = useState("");
  const giveBack = useCommand("post", "/api/v1/consultations/{id}/return", { onSuccess: onDone });
  return (
    <Dialog
      title={t("giveBack.title")}
      onClose={onClose}
      act={t("giveBack.confirm")}
      busy={giveBack.isPending}
      ready={lacking.length !== 0}
      error={giveBack.error}
      onAct={() =>
        giveBack.mutate({
          path: { id: of.id },
          body: { epoch: of.epoch, lacking, ...(note.trim() ? { note: note.trim() } : {}) },
        })
      }
    >
      <p>{t("giveBack.body")}</p>
      <strong id="lacking-label">{t("giveBack.lacking")}</strong>
      <div role="group" aria-labelledby="lacking-label">
        <Checkbox.Group
          options={choices("lacking")}
          value={lacking}
          onChange={(next) => setLacking(next.map(String))}
        />
      </div>
      <label className={styles.field}>
        {t("note")}
        <Input.TextArea
          value={note}
          maxLength={500}
          autoSize={{ minRows: 2, maxRows: 5 }}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
    </Dialog>
  );
}
