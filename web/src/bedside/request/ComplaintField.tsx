import { CheckOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useCallback, useId } from "react";
import { useTranslation } from "react-i18next";
import type { Consultation } from "../../api";
import { useServices } from "../../app/services";
import { useFormat } from "../../i18n/useFormat";
import styles from "./Request.module.css";
import { useComplaint } from "./useComplaint";
import { Refused } from "../../dialog";
import { Notice } from "../../theme";

/** What happened, in the nurse's words. It saves itself and may be written after the call was placed. */
export function ComplaintField({ c, inputId }: { c: Consultation; inputId?: string }) {
  const { t } = useTranslation(["bedside", "common"]);
  const format = useFormat();
  const { clock } = useServices();
  const now = useCallback(() => new Date(clock.now()), [clock]);
  const complaint = useComplaint(c, now);
  const { state } = complaint;
  const own = useId();
  const id = inputId ?? own;
  return (
    <div className={styles.field}>
      <div className={styles.fieldHead}>
        <label htmlFor={id} className={styles.fieldLabel}>
          {t("complaint.label")}
        </label>
        <div className={styles.fieldState} role="status">
          {state.phase === "saving" && t("complaint.saving")}
          {state.phase === "saved" && (
            <>
              <CheckOutlined aria-hidden /> {t("complaint.saved", { time: format.clock(state.at) })}
            </>
          )}
        </div>
      </div>
      <Input.TextArea
        id={id}
        value={complaint.text}
        onChange={(event) => complaint.type(event.target.value)}
        onBlur={complaint.flush}
        maxLength={2000}
        autoSize={{ minRows: 2, maxRows: 8 }}
        placeholder={t("complaint.hint")}
      />
      {state.phase === "failed" && (
        <Refused error={state.error}>
          <Button onClick={complaint.retry}>{t("common:actions.retry")}</Button>
        </Refused>
      )}
      {state.phase === "conflict" && (
        <Notice
          kind="caution"
          action={
            <span className={styles.buttons}>
              <Button onClick={() => complaint.resolve("both")}>{t("complaint.both")}</Button>
              <Button onClick={() => complaint.resolve("mine")}>{t("complaint.mine")}</Button>
              <Button onClick={() => complaint.resolve("theirs")}>{t("complaint.theirs")}</Button>
            </span>
          }
        >
          <p>{t("complaint.conflict")}</p>
          <p className={styles.quote}>{state.theirs || t("complaint.emptied")}</p>
        </Notice>
      )}
    </div>
  );
}
