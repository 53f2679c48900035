import { useTranslation } from "react-i18next";
import { useCatalogue } from "../api";
import { useLanguage } from "../i18n/useLanguage";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import type { Visit } from "./parts";
import { measured } from "./RecordFields";
import { bringFor } from "./templates";
import styles from "./Visits.module.css";

/** What one has to know and to have along before the door opens: what to bring, medicines, the last readings, plans. */
export function Summary({ of }: { of: Visit }) {
  const { t } = useTranslation("visits");
  const { chosen, label, vital } = useCatalogue();
  const format = useFormat();
  const english = useLanguage() === "en";
  const labelOf = (term: { zh: string; en: string }) => (english ? term.en : term.zh);
  const now = useServerNow(60_000);
  const latest = of.latestVitals ?? [];
  const at = (code: string) => (measured as readonly string[]).indexOf(code) + 1 || measured.length + 1;
  const systolic = latest.find((r) => r.code === "SBP");
  const diastolic = latest.find((r) => r.code === "DBP");
  const sameMoment = (a: string, b: string) => format.moment(a, now) === format.moment(b, now);
  // One blood pressure is two readings of one moment: the one is typed after the other.
  const pressure =
    systolic && diastolic && sameMoment(systolic.takenAt, diastolic.takenAt) ? diastolic : undefined;
  const readings = latest.filter((r) => r !== pressure).toSorted((a, b) => at(a.code) - at(b.code));
  const medicines = of.medicines ?? [];
  return (
    <section className={styles.card} aria-labelledby="visit-summary">
      <h2 id="visit-summary">{t("summary.title")}</h2>
      <dl className={styles.facts}>
        <dt>{t("summary.bring")}</dt>
        <dd>{format.list(bringFor(of.plans).map((thing) => t(`bring.${thing}`)))}</dd>
        {of.plans.length > 0 && (
          <>
            <dt>{t("summary.plans")}</dt>
            <dd>{format.list(of.plans.map((code) => chosen("plan_kind", code)))}</dd>
          </>
        )}
        <dt>{t("summary.allergies")}</dt>
        <dd className={of.allergies ? styles.danger : styles.quiet}>{of.allergies ?? t("summary.none")}</dd>
        <dt>{t("summary.medicines")}</dt>
        <dd>
          {medicines.length === 0 ? (
            <span className={styles.quiet}>{t("summary.none")}</span>
          ) : (
            <ul className={styles.plain}>
              {medicines.map((m) => (
                <li key={`${m.name} ${m.dose}`}>
                  {m.name} {m.dose} {label("medFrequencies", m.frequency)}
                </li>
              ))}
            </ul>
          )}
        </dd>
        <dt>{t("summary.readings")}</dt>
        <dd>
          {readings.length === 0 ? (
            <span className={styles.quiet}>{t("summary.none")}</span>
          ) : (
            <ul className={styles.plain}>
              {readings.map((r) => {
                const term = vital(r.code);
                return (
                  <li key={r.id}>
                    {pressure && r === systolic
                      ? `${t("summary.pressure")} ${r.value ?? r.qualifier}/${pressure.value ?? pressure.qualifier}`
                      : `${term ? labelOf(term) : r.code} ${r.value ?? r.qualifier}`}{" "}
                    {term?.unitLabel ?? r.unit}{" "}
                    <span className={styles.quiet}>{format.moment(r.takenAt, now)}</span>
                  </li>
                );
              })}
            </ul>
          )}
        </dd>
      </dl>
    </section>
  );
}
