import { Checkbox, Input } from "antd";
import { useTranslation } from "react-i18next";
import { useCatalogue } from "../../api";
import { fieldId } from "./fields";
import styles from "./Report.module.css";
import type { Draft } from "./useDraft";

/** What cannot be done without a picture. */
const byVideo = new Set(["INSPECTION", "GUIDED"]);

/** What was examined over the distance, ticked beforehand by what there was, and what was found. */
export function ExaminationField({ draft, written }: { draft: Draft; written: boolean }) {
  const { t } = useTranslation("desk");
  const { choices } = useCatalogue();
  const { examined = [], examination } = draft.content;
  return (
    <div className={styles.field} role="group" aria-label={t("report.examined")}>
      <span className={styles.label}>{t("report.examined")}</span>
      <div id={fieldId("examined")} tabIndex={-1}>
        <Checkbox.Group
          className={styles.checks}
          options={choices("remote_exam").filter(
            ({ value }) => !written || !byVideo.has(value) || examined.includes(value),
          )}
          value={examined}
          onChange={(codes) => draft.change({ examined: codes }, false)}
        />
      </div>
      <Input.TextArea
        aria-label={t("report.examination")}
        placeholder={t("report.examinationHint")}
        value={examination ?? ""}
        maxLength={2000}
        autoSize={{ minRows: 1, maxRows: 6 }}
        onChange={(event) => draft.change({ examination: event.target.value })}
      />
    </div>
  );
}
