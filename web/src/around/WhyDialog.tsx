import { Button, Input } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Refused } from "../bedside/parts/Refused";
import { Sheet } from "../bedside/parts/Sheet";
import styles from "./Around.module.css";

/** Asks for the reason of an act, and then does it. */
export function WhyDialog({
  open,
  title,
  label,
  confirm,
  busy,
  error,
  optional,
  danger,
  onClose,
  onConfirm,
}: {
  open: boolean;
  title: string;
  label: string;
  confirm: string;
  busy: boolean;
  error: unknown;
  /** without words too */
  optional?: boolean;
  danger?: boolean;
  onClose: () => void;
  onConfirm: (words: string) => void;
}) {
  const { t } = useTranslation(["around", "common"]);
  const id = useId();
  const [words, setWords] = useState("");
  const [pressed, setPressed] = useState(false);
  const lacking = pressed && !optional && words.trim() === "";
  return (
    <Sheet
      open={open}
      title={title}
      onClose={onClose}
      footer={
        <div className={styles.footer}>
          <Button onClick={onClose}>{t("common:actions.cancel")}</Button>
          <Button
            type="primary"
            danger={danger === true}
            loading={busy}
            onClick={() => {
              setPressed(true);
              if (optional || words.trim() !== "") onConfirm(words.trim());
            }}
          >
            {confirm}
          </Button>
        </div>
      }
    >
      <div className={styles.form}>
        <label htmlFor={id}>{label}</label>
        <Input.TextArea
          id={id}
          value={words}
          maxLength={300}
          status={lacking ? "error" : ""}
          autoSize={{ minRows: 2, maxRows: 6 }}
          onChange={(event) => setWords(event.target.value)}
        />
        {lacking && <span role="alert">{t("form.needed")}</span>}
        <Refused error={error} />
      </div>
    </Sheet>
  );
}
