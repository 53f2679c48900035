import { Button, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand } from "../api";
import { Refused } from "../desk/parts/Refused";
import type { BoardRow } from "./board";
import styles from "./Board.module.css";

/** Makes a request a written question, which keeps its case and rings nobody. */
export function ConvertDialog({
  row,
  onClose,
  onDone,
}: {
  row: BoardRow;
  onClose: () => void;
  onDone: (text: string) => void;
}) {
  const { t } = useTranslation(["board", "common"]);
  const [note, setNote] = useState("");
  const convert = useCommand("post", "/api/v1/consultations/{id}/convert-to-written", {
    onSuccess: () => onDone(t("convert.done")),
  });
  const said = note.trim();
  return (
    <Modal
      open
      title={t("convert.title", { who: t("who", { bed: row.resident.bed, name: row.resident.name }) })}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("common:actions.cancel")}</Button>
          <Button
            type="primary"
            loading={convert.isPending}
            onClick={() =>
              convert.mutate({
                path: { id: row.id },
                body: { epoch: row.epoch, ...(said ? { note: said } : {}) },
              })
            }
          >
            {t("convert.confirm")}
          </Button>
        </>
      }
    >
      <div className={styles.dialog}>
        <p>{t("convert.body")}</p>
        <label htmlFor="convert-note">{t("convert.note")}</label>
        <Input.TextArea
          id="convert-note"
          value={note}
          maxLength={500}
          autoSize={{ minRows: 2, maxRows: 5 }}
          onChange={(event) => setNote(event.target.value)}
        />
        <Refused error={convert.error} />
      </div>
    </Modal>
  );
}
