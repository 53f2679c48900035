import { useTranslation } from "react-i18next";
import { useFormat } from "../i18n/useFormat";
import styles from "./Goals.module.css";
import { type Dashboard, percent, type useGoalQuery } from "./query";

type Month = Dashboard["months"][number];

const series: {
  key: "submitted" | "countable" | "answer" | "late";
  tone: "primary" | "good" | "caution";
  share: boolean;
  value: (m: Month) => number | undefined;
}[] = [
  { key: "submitted", tone: "primary", share: false, value: (m) => m.submitted },
  { key: "countable", tone: "good", share: false, value: (m) => m.countable },
  { key: "answer", tone: "good", share: true, value: (m) => percent(m.answerInTime, m.answerBase) },
  { key: "late", tone: "caution", share: true, value: (m) => percent(m.reportLate, m.ended) },
];

/** Four small charts side by side on the same months, each with its newest value in words; a month opens its figures. */
export function Trend({ months, set }: { months: Month[]; set: ReturnType<typeof useGoalQuery>["set"] }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  return (
    <section className={styles.card} aria-labelledby="trend">
      <h2 id="trend">{t("trend.title")}</h2>
      <div className={styles.multiples}>
        {series.map(({ key, tone, share, value }) => {
          const values = months.map(value);
          const top = share ? 100 : Math.max(1, ...values.map((v) => v ?? 0));
          const last = values.at(-1);
          const text = (v: number | undefined) =>
            v === undefined ? t("figure.none") : share ? `${format.number(v, 1)}%` : format.number(v);
          const told = months.map((m, i) =>
            t("trend.month", { month: m.first.slice(0, 7), value: text(values[i]) }),
          );
          return (
            <div key={key}>
              <h3>
                {t(`trend.${key}`)} <strong className={styles.number}>{text(last)}</strong>
              </h3>
              <div className={styles.bars} data-tone={tone}>
                {values.map((v, i) => (
                  <button
                    key={months[i]?.first}
                    type="button"
                    title={told[i]}
                    aria-label={told[i]}
                    onClick={() => set({ kind: "M", day: months[i]?.first })}
                  >
                    <i
                      {...(v ? {} : { "data-none": "" })}
                      style={{ height: `${Math.max(1, (100 * (v ?? 0)) / top)}%` }}
                    />
                  </button>
                ))}
              </div>
              <div className={styles.axis}>
                <span>{months[0]?.first.slice(0, 7)}</span>
                <span>{months.at(-1)?.first.slice(0, 7)}</span>
              </div>
            </div>
          );
        })}
      </div>
    </section>
  );
}
