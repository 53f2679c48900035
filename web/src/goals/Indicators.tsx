import { Segmented, Table } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useFormat } from "../i18n/useFormat";
import { useLanguage } from "../i18n/useLanguage";
import { Tone } from "../theme";
import { useSourceWords } from "../i18n/useSourceWords";
import styles from "./Goals.module.css";
import { measure } from "./measure";
import {
  coverageAddress,
  factsAddress,
  type Indicator,
  type Kind,
  kinds,
  periodAddress,
  rowsAddress,
  type useGoalQuery,
} from "./query";

const views = {
  target: (i: Indicator) => i.target !== undefined,
  missed: (i: Indicator) => i.target?.met === false,
  all: () => true,
} as const;
type View = keyof typeof views;

/** The indicators of the period, those with a target first of all; each row opens its definition, and its figures open their rows. */
export function Indicators({
  list,
  search,
  set,
}: {
  list: Indicator[];
  search: URLSearchParams;
  set: ReturnType<typeof useGoalQuery>["set"];
}) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const english = useLanguage() === "en";
  const value = (i: Indicator, v: number | undefined) => measure(format, i.unit, v) ?? t("figure.none");
  const view = (Object.keys(views) as View[]).find((v) => v === search.get("show")) ?? "target";
  const part = (i: Indicator, which: "numerator" | "denominator") => {
    const v = i[which];
    if (v === undefined) return t("figure.none");
    const text = format.number(v, Number.isInteger(v) ? 0 : 1);
    const above = which === "numerator";
    const [mark] = above ? i.marks : i.base;
    const to =
      i.code === "I-20"
        ? coverageAddress(search, above ? "yes" : "")
        : mark !== undefined
          ? rowsAddress(search, { mark })
          : i.facts && factsAddress(search, i.facts, above);
    return to ? <Link to={to}>{text}</Link> : text;
  };
  return (
    <section className={styles.card} aria-labelledby="indicators">
      <div className={styles.bar}>
        <h2 id="indicators">{t("indicators.title")}</h2>
        <Segmented<View>
          className={styles.noPrint ?? ""}
          aria-label={t("indicators.title")}
          value={view}
          options={(Object.keys(views) as View[]).map((v) => ({
            value: v,
            label: `${t(`indicators.views.${v}`)} ${list.filter(views[v]).length}`,
          }))}
          onChange={(show) => set({ show })}
        />
      </div>
      <Table<Indicator>
        rowKey="code"
        size="small"
        pagination={false}
        scroll={{ x: "max-content" }}
        dataSource={list.filter(views[view])}
        locale={{ emptyText: t("indicators.noneHere") }}
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
              ) : i.state === "OTHER_PERIOD" ? (
                <Link to={periodAddress(search, shortest(i))}>{t(`indicators.by.${shortest(i)}`)}</Link>
              ) : (
                <span className={styles.quiet}>{t(`indicators.state.${i.state}`)}</span>
              ),
          },
          {
            key: "numerator",
            align: "right",
            className: styles.number ?? "",
            title: t("indicators.numerator"),
            render: (_, i) => part(i, "numerator"),
          },
          {
            key: "denominator",
            align: "right",
            className: styles.number ?? "",
            title: t("indicators.denominator"),
            render: (_, i) => part(i, "denominator"),
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

/** The shortest period for which an indicator is defined. */
function shortest(i: Indicator): Kind {
  return kinds.find((k) => i.kinds.includes(k)) ?? "Y";
}

function definition(indicator: Indicator) {
  return <Definition indicator={indicator} />;
}

/** What a figure means, beside it: numerator, denominator, exclusions, source of the target and of imported numbers. */
function Definition({ indicator: i }: { indicator: Indicator }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const sourceOf = useSourceWords();
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
            {t("indicators.source", { source: sourceOf(i.target.source) })}
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
