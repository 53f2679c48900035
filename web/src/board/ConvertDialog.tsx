import { Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand } from "../api";
import type { BoardRow } from "./board";
import { Dialog } from "../dialog";

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
    <Dialog
      title={t("convert.title", { who: t("who", { bed: row.resident.bed, name: row.resident.name }) })}
      onClose={onClose}
      act={t("convert.confirm")}
      busy={convert.isPending}
      error={convert.error}
      onAct={() =>
        convert.mutate({
          path: { id: row.id },
          body: { epoch: row.epoch, ...(said ? { note: said } : {}) },
        })
      }
    >
      <p>{t("convert.body")}</p>
      <label htmlFor="convert-note">{t("convert.note")}</label>
      <Input.TextArea
        id="convert-note"
        value={note}
        maxLength={500}
        autoSize={{ minRows: 2, maxRows: 5 }}
        onChange={(event) => setNote(event.target.value)}
      />
    </Dialog>
  );
}
