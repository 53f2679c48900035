import { Table } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "../i18n/useFormat";
import { useLanguage } from "../i18n/useLanguage";
import { Tone } from "../theme";
import styles from "./Goals.module.css";
import { coverageAddress, type Indicator, rowsAddress } from "./query";

/** All indicators of the period; each row opens its definition, and its figures open their rows. */
export function Indicators({ list, search }: { list: Indicator[]; search: URLSearchParams }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const english = useLanguage() === "en";
  const value = (i: Indicator, v: number | undefined) => {
    if (v === undefined) return t("figure.none");
    if (i.unit === "COUNT") return format.number(v);
    if (i.unit === "SECONDS") return format.span(v);
    return i.unit === "PERCENT" ? `${format.number(v, 2)}%` : format.number(v, 2);
  };
  const part = (v: number | undefined, marks: string[], elders?: string) => {
    if (v === undefined) return t("figure.none");
    const text = format.number(v, Number.isInteger(v) ? 0 : 1);
    if (elders !== undefined) return <Link to={coverageAddress(search, elders)}>{text}</Link>;
    const [mark] = marks;
    return mark === undefined ? text : <Link to={rowsAddress(search, { mark })}>{text}</Link>;
  };
  return (
    <section className={styles.card} aria-labelledby="indicators">
      <h2 id="indicators">{t("indicators.title")}</h2>
      <Table<Indicator>
        rowKey="code"
        size="small"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={list}
        expandable={{ expandedRowRender: definition }}
        columns={[
          { key: "code", title: t("indicators.code"), render: (_, i) => i.code },
          { key: "name", title: t("indicators.name"), render: (_, i) => (english ? i.nameEn : i.nameZh) },
          {
            key: "value",
            align: "right",
            title: t("indicators.value"),
            render: (_, i) =>
              i.state === "OK" ? (
                <strong className={styles.number}>{value(i, i.value)}</strong>
              ) : (
                <span className={styles.quiet}>{t(`indicators.state.${i.state}`)}</span>
              ),
          },
          {
            key: "numerator",
            align: "right",
            className: styles.number ?? "",
            title: t("indicators.numerator"),
            render: (_, i) => part(i.numerator, i.marks, i.code === "I-20" ? "yes" : undefined),
          },
          {
            key: "denominator",
            align: "right",
            className: styles.number ?? "",
            title: t("indicators.denominator"),
            render: (_, i) => part(i.denominator, i.base, i.code === "I-20" ? "" : undefined),
          },
          {
            key: "previous",
            align: "right",
            className: styles.number ?? "",
            title: t("indicators.previous"),
            render: (_, i) => value(i, i.previous),
          },
          {
            key: "yearBefore",
            align: "right",
            className: styles.number ?? "",
            title: t("indicators.yearBefore"),
            render: (_, i) => value(i, i.yearBefore),
          },
          {
            key: "target",
            title: t("indicators.target"),
            render: (_, i) =>
              i.target && (
                <span className={styles.noteList}>
                  <span className={styles.number}>{value(i, i.target.value)}</span>
                  {i.target.met !== undefined && (
                    <Tone kind={i.target.met ? "good" : "caution"}>
                      {t(i.target.met ? "indicators.met" : "indicators.notMet")}
                    </Tone>
                  )}
                </span>
              ),
          },
        ]}
      />
    </section>
  );
}

function definition(indicator: Indicator) {
  return <Definition indicator={indicator} />;
}

/** What a figure means, beside it: numerator, denominator, exclusions, source of the target and of imported numbers. */
function Definition({ indicator: i }: { indicator: Indicator }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const english = useLanguage() === "en";
  const denominator = english ? i.denominatorEn : i.denominatorZh;
  const exclusions = english ? i.exclusionsEn : i.exclusionsZh;
  return (
    <dl className={styles.definition}>
      <dt>{t("indicators.numerator")}</dt>
      <dd>{english ? i.numeratorEn : i.numeratorZh}</dd>
      {denominator && (
        <>
          <dt>{t("indicators.denominator")}</dt>
          <dd>{denominator}</dd>
        </>
      )}
      <dt>{t("indicators.version", { n: i.version })}</dt>
      <dd>{exclusions ? t("indicators.exclusions", { text: exclusions }) : t("figure.none")}</dd>
      {i.target && (
        <>
          <dt>{t("indicators.target")}</dt>
          <dd>
            {t("indicators.source", { source: i.target.source })}
            {!i.target.official && ` · ${t("indicators.toConfirm")}`}
          </dd>
        </>
      )}
      {i.imported?.map((n) => (
        <dd key={n.mark}>{t("indicators.imported", { file: n.file, day: format.day(n.at) })}</dd>
      ))}
    </dl>
  );
}
