import { Button, Input, Modal, Radio } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../desk/parts/Refused";
import styles from "./Life.module.css";

/** A reason from a list, and words that may be added, before something that is not undone. */
export function CodedDialog({
  title,
  body,
  confirm,
  danger = true,
  reasons,
  busy,
  error,
  onClose,
  onDone,
}: {
  title: string;
  body: ReactNode;
  confirm: string;
  danger?: boolean;
  reasons: { value: string; label: string }[];
  busy: boolean;
  error: unknown;
  onClose: () => void;
  onDone: (reason: string, note: string | undefined) => void;
}) {
  const { t } = useTranslation(["life", "common"]);
  const [reason, setReason] = useState<string>();
  const [note, setNote] = useState("");
  return (
    <Modal
      open
      title={title}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("common:actions.cancel")}</Button>
          <Button
            type="primary"
            danger={danger}
            loading={busy}
            disabled={!reason}
            onClick={() => reason && onDone(reason, note.trim() || undefined)}
          >
            {confirm}
          </Button>
        </>
      }
    >
      <div className={styles.dialog}>
        <p>{body}</p>
        <Radio.Group
          vertical
          aria-label={t("reason")}
          options={reasons}
          value={reason}
          onChange={(event) => setReason(String(event.target.value))}
        />
        <label className={styles.field}>
          {t("note")}
          <Input.TextArea
            value={note}
            maxLength={500}
            autoSize={{ minRows: 2, maxRows: 5 }}
            onChange={(event) => setNote(event.target.value)}
          />
        </label>
        <Refused error={error} />
      </div>
    </Modal>
  );
}
