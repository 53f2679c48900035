import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "../i18n/useFormat";
import styles from "./Goals.module.css";
import { type Dashboard, percent, quantiles, rowsAddress } from "./query";

/** Whether people were answered as promised and had their opinion in time, and how long they waited. */
export function Times({ data, search }: { data: Dashboard; search: URLSearchParams }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const n = (mark: string) => data.marks[mark] ?? 0;
  const line = (label: string, part: number, whole: number, part_: Record<string, string>) => {
    const p = percent(part, whole);
    return (
      <>
        <dt>{label}</dt>
        <dd>
          <Link to={rowsAddress(search, part_)}>{format.number(part)}</Link>
          {" / "}
          {format.number(whole)}
          {p !== undefined && <span className={styles.quiet}> {format.number(p, 1)}%</span>}
        </dd>
      </>
    );
  };
  const late = n("ANSWER_BASE") - n("ANSWER_IN_TIME");
  return (
    <section className={styles.card} aria-labelledby="times">
      <h2 id="times">{t("times.title")}</h2>
      <dl className={`${styles.definition} ${styles.number}`}>
        {line(t("figure.answer"), n("ANSWER_IN_TIME"), n("ANSWER_BASE"), { mark: "ANSWER_IN_TIME" })}
        {line(t("times.answerLate"), late, n("ANSWER_BASE"), {
          mark: "ANSWER_BASE",
          without: "ANSWER_IN_TIME",
        })}
        {line(t("figure.late"), n("REPORT_LATE"), n("ENDED"), { mark: "REPORT_LATE" })}
        <dt>{t("times.effective")}</dt>
        <dd>
          <Link to={rowsAddress(search, { mark: "STARTED" })}>
            {t("times.minutes", { n: format.number(data.effectiveMinutes) })}
          </Link>
        </dd>
      </dl>
      <Waits waits={data.waits} />
    </section>
  );
}

function Waits({ waits }: { waits: Dashboard["waits"] }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const at = quantiles(waits);
  const top = Math.max(1, ...waits.map((w) => w.n));
  const told = (w: Dashboard["waits"][number]) =>
    `${w.underSeconds === undefined ? t("waits.over") : t("waits.under", { span: format.span(w.underSeconds) })}: ${format.number(w.n)}`;
  const span = (s: number | undefined) => (s === undefined ? t("waits.over") : format.span(s));
  return (
    <div className={styles.below}>
      <h3>{t("waits.title")}</h3>
      <p className={styles.quiet}>
        {at ? t("waits.median", { span: span(at.half), p90: span(at.ninth) }) : t("waits.empty")}
      </p>
      {at && (
        <>
          <div className={styles.bars} role="img" aria-label={waits.map(told).join("; ")}>
            {waits.map((w) => (
              <i
                key={w.underSeconds ?? 0}
                title={told(w)}
                {...(w.n ? {} : { "data-none": "" })}
                style={{ height: `${Math.max(1, (100 * w.n) / top)}%` }}
              />
            ))}
          </div>
          <div className={styles.axis}>
            <span>{t("waits.under", { span: format.span(60) })}</span>
            <span>{t("waits.over")}</span>
          </div>
        </>
      )}
    </div>
  );
}
