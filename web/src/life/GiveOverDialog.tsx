import { Input, Radio, Select, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type ApiError,
  type Consultation,
  hasCode,
  type Schemas,
  useCatalogue,
  useCommand,
  useRead,
} from "../api";
import { Dialog } from "../dialog";
import { Tone } from "../theme";
import styles from "./Life.module.css";

/** 交接: asks a named colleague to take the consultation over; until then it stays where it is. */
export function GiveOverDialog({
  c,
  onClose,
  onLost,
}: {
  c: Consultation;
  onClose: () => void;
  onLost: (error: ApiError) => void;
}) {
  const { t } = useTranslation(["life", "common"]);
  const { choices } = useCatalogue();
  const colleagues = useRead("/api/v1/consultations/{id}/colleagues", { path: { id: c.id } }).data;
  const [doctor, setDoctor] = useState<string>();
  const [reason, setReason] = useState<string>();
  const [note, setNote] = useState("");
  const offer = useCommand("post", "/api/v1/consultations/{id}/hand-over", {
    onSuccess: onClose,
    onError: (error) => {
      if (hasCode(error, "epoch_stale")) onLost(error);
    },
  });
  return (
    <Dialog
      title={t("giveOver.title")}
      onClose={onClose}
      act={t("giveOver.confirm")}
      busy={offer.isPending}
      ready={doctor !== undefined && reason !== undefined}
      error={offer.error}
      onAct={() =>
        doctor &&
        reason &&
        offer.mutate({
          path: { id: c.id },
          body: { epoch: c.epoch, doctorId: doctor, reason, ...(note.trim() ? { note: note.trim() } : {}) },
        })
      }
    >
      <p>{t("giveOver.body")}</p>
      {!colleagues ? (
        <Skeleton active />
      ) : colleagues.length === 0 ? (
        <p>{t("giveOver.nobody")}</p>
      ) : (
        <Radio.Group
          className={styles.colleagues}
          aria-label={t("giveOver.to")}
          value={doctor}
          onChange={(event) => setDoctor(String(event.target.value))}
          options={colleagues.map((one) => ({ value: one.id, label: <Colleague of={one} /> }))}
        />
      )}
      <label className={styles.field} htmlFor="give-over-reason">
        {t("reason")}
        <Select
          id="give-over-reason"
          value={reason ?? null}
          options={choices("hand_over_reason")}
          onChange={(next: string | null) => setReason(next ?? undefined)}
        />
      </label>
      <label className={styles.field}>
        {t("giveOver.note")}
        <Input.TextArea
          value={note}
          maxLength={500}
          autoSize={{ minRows: 2, maxRows: 5 }}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
    </Dialog>
  );
}

function Colleague({ of }: { of: Schemas["Colleague"] }) {
  const { t } = useTranslation("life");
  return (
    <span className={styles.colleague}>
      <span>{[of.name, of.title].filter(Boolean).join(" ")}</span>
      <span className={styles.quiet}>{of.departments.join(t("separator"))}</span>
      <Tone kind={of.busy ? "caution" : of.available ? "good" : "muted"}>
        {t(of.busy ? "giveOver.busy" : of.available ? "giveOver.here" : "giveOver.away")}
      </Tone>
    </span>
  );
}
