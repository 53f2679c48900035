import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import type { Act } from "./acts";
import styles from "./Offline.module.css";

/** The time that was asked for cannot be had; these can. */
export function BookingChoice({ act }: { act: Extract<Act, { kind: "BOOKING" }> }) {
  const { t } = useTranslation("offline");
  const { offline } = useServices();
  const format = useFormat();
  const now = useServerNow(60_000);
  const slots = act.refusal?.problem.alternatives ?? [];
  if (slots.length === 0) return <span>{t("booking.noOther")}</span>;
  return (
    <span className={styles.acts}>
      {slots.map((slot) => (
        <Button
          key={slot.startsAt}
          onClick={() =>
            void offline.log
              .again(act, { body: { ...act.body, startsAt: slot.startsAt } } as Partial<Act>)
              .then(offline.retry)
          }
        >
          {t("booking.take", { at: format.moment(slot.startsAt, now) })}
        </Button>
      ))}
    </span>
  );
}
