import { useTranslation } from "react-i18next";
import { useServerNow } from "../clock/useServerNow";
import { useToday } from "../dates";
import { useFormat } from "../i18n/useFormat";
import styles from "./Goals.module.css";

/** Days from one day to another, `YYYY-MM-DD` both. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}

/** A last day with what it means today, in words: five days left, today, twelve days late. `open`: it still has to be done. */
export function Due({ day, open = true }: { day: string; open?: boolean }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const now = useServerNow(60_000);
  const left = daysBetween(useToday(), day);
  return (
    <span className={styles.due}>
      <span className={styles.number}>{format.day(day, now)}</span>
      {open && (
        <span className={left < 0 ? styles.late : left <= 14 ? styles.near : styles.quiet}>
          {left < 0 ? t("due.late", { n: -left }) : left === 0 ? t("due.today") : t("due.left", { n: left })}
        </span>
      )}
    </span>
  );
}
