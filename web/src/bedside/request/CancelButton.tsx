import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type Consultation, useCatalogue, useCommand } from "../../api";
import { Choice, Choices } from "../parts/Choice";
import { can, homeOfRequest } from "./progress";
import styles from "./Request.module.css";
import { Dialog, Refused } from "../../dialog";

/** Takes the request back, with a reason. */
export function CancelButton({ c }: { c: Consultation }) {
  const { t } = useTranslation(["bedside", "common"]);
  const { catalogue, label } = useCatalogue();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const [note, setNote] = useState("");
  const cancel = useCommand("post", "/api/v1/consultations/{id}/cancel", {
    onSuccess: () => void navigate(homeOfRequest(c)),
  });
  if (!can(c, "cancelConsultation")) return null;
  const draft = c.state === "DRAFT";
  const close = () => setOpen(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{draft ? t("cancel.draft") : t("cancel.request")}</Button>
      <Dialog
        width="wide"
        open={open}
        title={draft ? t("cancel.draftTitle") : t("cancel.title")}
        onClose={close}
        footer={
          <>
            <Button onClick={close}>{t("cancel.keep")}</Button>
            <Button
              danger
              type="primary"
              disabled={reason === ""}
              loading={cancel.isPending}
              onClick={() =>
                cancel.mutate({
                  path: { id: c.id },
                  body: note.trim() ? { reason, note: note.trim() } : { reason },
                })
              }
            >
              {t("cancel.confirm")}
            </Button>
          </>
        }
      >
        <div className={styles.sheet}>
          <Choices label={t("cancel.why")}>
            {(catalogue?.cancelReasons ?? []).map(({ code }) => (
              <Choice key={code} chosen={reason === code} onClick={() => setReason(code)}>
                {label("cancelReasons", code)}
              </Choice>
            ))}
          </Choices>
          {reason === "OTHER" && (
            <Input.TextArea
              value={note}
              onChange={(event) => setNote(event.target.value)}
              aria-label={t("cancel.note")}
              placeholder={t("cancel.note")}
              maxLength={500}
              autoSize={{ minRows: 2, maxRows: 5 }}
            />
          )}
          <Refused error={cancel.error} />
        </div>
      </Dialog>
    </>
  );
}
