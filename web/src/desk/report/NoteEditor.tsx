import { Input } from "antd";
import { useTranslation } from "react-i18next";
import { fieldId } from "./fields";
import styles from "./Report.module.css";
import type { Draft } from "./useDraft";

/** The doctor's own note. */
export function NoteEditor({ draft }: { draft: Draft }) {
  const { t } = useTranslation("desk");
  return (
    <div className={styles.field}>
      <label htmlFor={fieldId("note")}>{t("work.note")}</label>
      <Input.TextArea
        id={fieldId("note")}
        value={draft.content.note ?? ""}
        onChange={(event) => draft.change({ note: event.target.value })}
        maxLength={4000}
        autoSize={{ minRows: 10, maxRows: 24 }}
      />
      <p className={styles.quiet}>{t("work.noteHint")}</p>
    </div>
  );
}
