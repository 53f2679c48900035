import { Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiError, type Consultation, hasCode, useCatalogue, useCommand } from "../api";
import styles from "./Life.module.css";
import { Dialog } from "../dialog";

/** 终止并引导线下: why, where to, by when; without a destination there is no end. */
export function TerminateDialog({
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
  const [reason, setReason] = useState<string>();
  const [destination, setDestination] = useState<string>();
  const [goWithin, setGoWithin] = useState<string>();
  const [place, setPlace] = useState("");
  const [note, setNote] = useState("");
  const terminate = useCommand("post", "/api/v1/consultations/{id}/terminate", {
    onSuccess: onClose,
    onError: (error) => {
      if (hasCode(error, "epoch_stale")) onLost(error);
    },
  });
  const ready = reason && destination && goWithin && place.trim();
  const field = (
    id: string,
    label: string,
    list: "unsuitable_reason" | "destination" | "go_within",
    value: string | undefined,
    set: (next: string) => void,
  ) => (
    <label className={styles.field} htmlFor={id}>
      {label}
      <Select id={id} value={value ?? null} options={choices(list)} onChange={(next) => next && set(next)} />
    </label>
  );
  return (
    <Dialog
      title={t("terminate.title")}
      onClose={onClose}
      width="wide"
      act={t("terminate.confirm")}
      danger
      busy={terminate.isPending}
      ready={Boolean(ready)}
      error={terminate.error}
      onAct={() =>
        reason &&
        destination &&
        goWithin &&
        terminate.mutate({
          path: { id: c.id },
          body: {
            epoch: c.epoch,
            reason,
            destination,
            goWithin,
            place: place.trim(),
            ...(note.trim() ? { note: note.trim() } : {}),
          },
        })
      }
    >
      <p>{t("terminate.body")}</p>
      {field("terminate-reason", t("reason"), "unsuitable_reason", reason, setReason)}
      <div className={styles.row}>
        {field(
          "terminate-destination",
          t("terminate.destination"),
          "destination",
          destination,
          setDestination,
        )}
        {field("terminate-within", t("terminate.goWithin"), "go_within", goWithin, setGoWithin)}
      </div>
      <label className={styles.field}>
        {t("terminate.place")}
        <Input
          value={place}
          maxLength={200}
          placeholder={t("terminate.placeHint")}
          onChange={(event) => setPlace(event.target.value)}
        />
      </label>
      <label className={styles.field}>
        {t("note")}
        <Input.TextArea
          value={note}
          maxLength={500}
          autoSize={{ minRows: 2, maxRows: 4 }}
          onChange={(event) => setNote(event.target.value)}
        />
      </label>
    </Dialog>
  );
}
