import { EditOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, type Consultation, useCommand } from "../api";
import { PasswordDialog } from "../desk/report/PasswordDialog";
import { ReportFields } from "../desk/report/WrapUp";
import { useDraft } from "../desk/report/useDraft";
import { useFactor } from "./useFactor";
import styles from "./Life.module.css";
import { Notice } from "../theme";

/** The correction of a signed report: the same form with what was signed, why it is corrected, and a new signature. */
export function AmendReport({ c, onClose }: { c: Consultation; onClose: () => void }) {
  const { t } = useTranslation(["life", "common"]);
  const draft = useDraft(c);
  const [reason, setReason] = useState("");
  const [signing, setSigning] = useState(false);
  const factor = useFactor(c.id, "SIGNATURE");
  const amend = useCommand("post", "/api/v1/consultations/{id}/amendment", {
    onSuccess: onClose,
    onError: (error) => {
      if (error instanceof ApiError && error.problem.fields?.some((f) => f.field !== "password")) {
        draft.missing(error.problem.fields);
        setSigning(false);
      }
    },
  });
  const last = c.reports.at(-1)?.version ?? 0;
  return (
    <div className={styles.dialog}>
      <Notice kind="caution" more={t("amend.hint")}>
        {t("amend.title", { n: last + 1 })}
      </Notice>
      <ReportFields c={c} draft={draft} />
      <label className={styles.field}>
        {t("amend.reason")}
        <Input.TextArea
          value={reason}
          maxLength={500}
          autoSize={{ minRows: 2, maxRows: 5 }}
          onChange={(event) => setReason(event.target.value)}
        />
      </label>
      <div className={styles.acts}>
        <Button onClick={onClose}>{t("common:actions.cancel")}</Button>
        <Button
          type="primary"
          icon={<EditOutlined aria-hidden />}
          disabled={reason.trim() === ""}
          onClick={() => {
            amend.reset();
            void draft.flush().then((saved) => saved && setSigning(true));
          }}
        >
          {t("amend.sign")}
        </Button>
      </div>
      <PasswordDialog
        open={signing}
        title={t("amend.sign")}
        busy={amend.isPending || factor.busy}
        error={amend.error}
        ready={factor.ready}
        onClose={() => setSigning(false)}
        onSign={(password) =>
          void factor
            .before(() =>
              amend.mutateAsync({
                path: { id: c.id },
                body: { epoch: c.epoch, revision: draft.revision, reason: reason.trim(), password },
              }),
            )
            .catch(() => undefined)
        }
      >
        <p>{t("amend.body", { n: last + 1 })}</p>
        {factor.field}
      </PasswordDialog>
    </div>
  );
}
