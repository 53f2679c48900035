import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiError, type Consultation, hasCode, useCatalogue, useCommand } from "../api";
import { useServices } from "../app/services";
import styles from "./Life.module.css";
import { Dialog } from "../dialog";
import { MomentPicker } from "../dates";

const lengths = [10, 15, 20, 30, 45, 60];

/** Puts the consultation off to a slot; moving it says why. */
export function ScheduleDialog({
  c,
  onClose,
  onDone,
  onLost,
}: {
  c: Consultation;
  onClose: () => void;
  onDone: () => void;
  onLost: (error: ApiError) => void;
}) {
  const { t } = useTranslation(["life", "common"]);
  const { choices } = useCatalogue();
  const { clock } = useServices();
  const again = c.slot !== undefined && c.state === "SCHEDULED";
  const [from, setFrom] = useState(() => (c.slot && again ? c.slot.from : quarterFrom(clock.now() + hour)));
  const [length, setLength] = useState(20);
  const [reason, setReason] = useState<string>();
  const schedule = useCommand("post", "/api/v1/consultations/{id}/schedule", {
    onSuccess: onDone,
    onError: (error) => {
      if (hasCode(error, "epoch_stale")) onLost(error);
    },
  });
  return (
    <Dialog
      title={again ? t("schedule.titleAgain") : t("schedule.title")}
      onClose={onClose}
      act={t("schedule.confirm")}
      busy={schedule.isPending}
      ready={!again || reason !== undefined}
      error={schedule.error}
      onAct={() =>
        schedule.mutate({
          path: { id: c.id },
          body: {
            epoch: c.epoch,
            from,
            to: new Date(Date.parse(from) + length * minute).toISOString(),
            ...(again && reason ? { reason } : {}),
          },
        })
      }
    >
      <p>{t("schedule.body")}</p>
      <div className={styles.row}>
        <label className={styles.field} htmlFor="slot-from">
          {t("schedule.from")}
          <MomentPicker
            id="slot-from"
            minuteStep={5}
            allowClear={false}
            value={from}
            onChange={(next) => next && setFrom(next)}
          />
        </label>
        <label className={styles.field} htmlFor="slot-length">
          {t("schedule.length")}
          <Select
            id="slot-length"
            value={length}
            options={lengths.map((n) => ({ value: n, label: t("schedule.minutes", { n }) }))}
            onChange={(next) => next && setLength(next)}
          />
        </label>
      </div>
      {again && (
        <label className={styles.field} htmlFor="slot-reason">
          {t("reason")}
          <Select
            id="slot-reason"
            value={reason ?? null}
            options={choices("reschedule_reason")}
            onChange={(next) => setReason(next ?? undefined)}
          />
        </label>
      )}
    </Dialog>
  );
}

const minute = 60_000;
const hour = 60 * minute;

/** The next quarter of an hour at or after a time (ms since 1970), RFC 3339. */
function quarterFrom(at: number): string {
  return new Date(Math.ceil(at / (15 * minute)) * 15 * minute).toISOString();
}
