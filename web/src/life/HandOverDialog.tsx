import { Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, useCommand } from "../api";
import { Emergency } from "./Emergency";
import styles from "./Life.module.css";
import { Dialog } from "../dialog";

/** 转急救 by the doctor: who takes over and where to. */
export function HandOverDialog({ c, onClose }: { c: Consultation; onClose: () => void }) {
  const { t } = useTranslation(["life", "common"]);
  const [to, setTo] = useState("");
  const step = useCommand("post", "/api/v1/consultations/{id}/emergency-steps", { onSuccess: onClose });
  return (
    <Dialog
      title={t("emergency.title")}
      onClose={onClose}
      act={t("emergency.confirm")}
      danger
      busy={step.isPending}
      error={step.error}
      onAct={() =>
        step.mutate({
          path: { id: c.id },
          body: { step: "TO_EMERGENCY", ...(to.trim() ? { measure: to.trim() } : {}) },
        })
      }
    >
      <p>{t("emergency.body")}</p>
      <Emergency of={c.emergency ?? {}} />
      <label className={styles.field}>
        {t("emergency.to")}
        <Input
          value={to}
          maxLength={200}
          placeholder={t("emergency.toHint")}
          onChange={(event) => setTo(event.target.value)}
        />
      </label>
    </Dialog>
  );
}
