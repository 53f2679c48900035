import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "../i18n/useFormat";
import styles from "./Goals.module.css";
import { type Dashboard, lacking, percent, rowsAddress } from "./query";
import { useSourceWords } from "../i18n/useSourceWords";

/** What was asked for, done and countable, each with its share of the one before, and what is lacking to the target. */
export function Headline({ data, search }: { data: Dashboard; search: URLSearchParams }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const n = (mark: string) => data.marks[mark] ?? 0;
  const share = (part: string, whole: string) => {
    const p = percent(n(part), n(whole));
    return p === undefined ? undefined : `${format.number(p, 1)}%`;
  };
  const figure = (mark: string, label: string, below?: ReactNode, main?: boolean) => (
    <Link className={styles.figure} to={rowsAddress(search, { mark })} {...(main ? { "data-main": "" } : {})}>
      <span className={styles.quiet}>{label}</span>
      <strong>{format.number(n(mark))}</strong>
      <span className={styles.quiet}>{below}</span>
    </Link>
  );
  return (
    <section aria-labelledby="headline" className={styles.steps}>
      <h2 id="headline">{t("figure.title")}</h2>
      <div className={styles.figures}>
        {figure("SUBMITTED", t("figure.submitted"))}
        {figure("ACCEPTED", t("figure.accepted"), share("ACCEPTED", "OFFERED"))}
        {figure("COMPLETED", t("figure.completed"), share("COMPLETED", "ACCEPTED"))}
        {figure("COUNTABLE", t("figure.countable"), share("COUNTABLE", "COUNTABILITY_BASE"), true)}
        {figure(
          "NOT_COUNTABLE",
          t("figure.notCountable"),
          n("COMPLETED_UNEVALUATED") > 0 &&
            `${format.number(n("COMPLETED_UNEVALUATED"))} ${t("figure.unevaluated")}`,
        )}
        {figure("CANCELLED", t("figure.cancelled"), share("CANCELLED", "SUBMITTED"))}
      </div>
      <Target data={data} />
    </section>
  );
}

/** The target of the countability rate in a sentence: reached, or how many are lacking. */
function Target({ data }: { data: Dashboard }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const sourceOf = useSourceWords();
  const rate = data.indicators.find((i) => i.code === "I-03");
  const target = rate?.target;
  const open = !data.over && t("open");
  if (!target || rate.value === undefined) return open ? <p className={styles.quiet}>{open}</p> : null;
  const few = lacking(rate.numerator ?? 0, rate.denominator ?? 0, target.value);
  return (
    <p>
      {few > 0 ? (
        <strong className={styles.near}>
          {t("figure.lacking", { rate: format.number(rate.value, 1), target: target.value, n: few })}
        </strong>
      ) : (
        <strong>{t("figure.reached", { rate: format.number(rate.value, 1), target: target.value })}</strong>
      )}{" "}
      <span className={styles.quiet}>
        {sourceOf(target.source)}
        {open && ` · ${open}`}
      </span>
    </p>
  );
}
