import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useServerNow } from "../../clock/useServerNow";
import { DayPicker, dayAfter, dayOf } from "../../dates";
import { fieldId } from "./fields";
import styles from "./Report.module.css";
import type { Draft } from "./useDraft";

const quick = { d3: { days: 3 }, w1: { days: 7 }, w2: { days: 14 }, m1: { months: 1 } } as const;

/** When to look again: four usual days, or any other. */
export function FollowUpField({ draft }: { draft: Draft }) {
  const { t } = useTranslation("desk");
  const today = dayOf(useServerNow(60_000));
  const { followUpOn } = draft.content;
  const set = (day: string | undefined) => draft.change({ followUpOn: day }, false);
  return (
    <div className={styles.field}>
      <label htmlFor={fieldId("followUpOn")}>{t("report.followUp")}</label>
      <div className={styles.row}>
        {(Object.keys(quick) as (keyof typeof quick)[]).map((key) => {
          const day = dayAfter(today, quick[key]);
          return (
            <Button
              key={key}
              type={followUpOn === day ? "primary" : "default"}
              ghost={followUpOn === day}
              aria-pressed={followUpOn === day}
              onClick={() => set(day)}
            >
              {t(`report.quick.${key}`)}
            </Button>
          );
        })}
        <DayPicker
          id={fieldId("followUpOn")}
          value={followUpOn}
          min={today}
          placeholder={t("report.followUpNone")}
          onChange={set}
        />
      </div>
    </div>
  );
}
