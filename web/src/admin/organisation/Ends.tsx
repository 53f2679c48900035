import { useTranslation } from "react-i18next";
import { dayAfter, useToday } from "../../dates";
import { useFormat } from "../../i18n/useFormat";
import { Tone } from "../../theme";
import styles from "./Organisation.module.css";

/** From when until when something holds, and how near its end is: 90, 60 and 30 days before it the administrators are told. */
export function Ends({ from, to }: { from: string; to?: string | undefined }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const today = useToday();
  const long = new Date(0); // always with the year
  const soon = to !== undefined && to >= today && to <= dayAfter(today, { days: 90 });
  return (
    <span className={styles.line}>
      <span>
        {to
          ? `${format.day(from, long)} – ${format.day(to, long)}`
          : t("organisation.openEnd", { day: format.day(from, long) })}
      </span>
      {from > today && <Tone kind="muted">{t("organisation.notYet")}</Tone>}
      {to !== undefined && to < today && <Tone kind="danger">{t("organisation.over")}</Tone>}
      {soon && (
        <Tone kind={to <= dayAfter(today, { days: 30 }) ? "danger" : "caution"}>
          {t("organisation.left", { n: daysBetween(today, to) })}
        </Tone>
      )}
    </span>
  );
}

/** Whole days from one day to a later one. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}
