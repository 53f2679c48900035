import { Button, DatePicker, Modal, Select } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiError, type Consultation, hasCode, useCatalogue, useCommand } from "../api";
import { useServices } from "../app/services";
import { Refused } from "../desk/parts/Refused";
import styles from "./Life.module.css";

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
  const [from, setFrom] = useState<Dayjs>(() =>
    c.slot && again ? dayjs(c.slot.from) : nextQuarter(dayjs(clock.now()).add(1, "hour")),
  );
  const [length, setLength] = useState(20);
  const [reason, setReason] = useState<string>();
  const schedule = useCommand("post", "/api/v1/consultations/{id}/schedule", {
    onSuccess: onDone,
    onError: (error) => {
      if (hasCode(error, "epoch_stale")) onLost(error);
    },
  });
  return (
    <Modal
      open
      title={again ? t("schedule.titleAgain") : t("schedule.title")}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("common:actions.cancel")}</Button>
          <Button
            type="primary"
            loading={schedule.isPending}
            disabled={again && !reason}
            onClick={() =>
              schedule.mutate({
                path: { id: c.id },
                body: {
                  epoch: c.epoch,
                  from: from.toISOString(),
                  to: from.add(length, "minute").toISOString(),
                  ...(again && reason ? { reason } : {}),
                },
              })
            }
          >
            {t("schedule.confirm")}
          </Button>
        </>
      }
    >
      <div className={styles.dialog}>
        <p>{t("schedule.body")}</p>
        <div className={styles.row}>
          <label className={styles.field} htmlFor="slot-from">
            {t("schedule.from")}
            <DatePicker
              id="slot-from"
              showTime={{ format: "HH:mm", minuteStep: 5 }}
              format="YYYY-MM-DD HH:mm"
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
        <Refused error={schedule.error} />
      </div>
    </Modal>
  );
}

function nextQuarter(at: Dayjs): Dayjs {
  return at
    .minute(Math.ceil(at.minute() / 15) * 15)
    .second(0)
    .millisecond(0);
}
