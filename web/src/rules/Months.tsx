import { Button, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useCatalogue, useCommand, useErrorText, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Rules.module.css";

type Month = Schemas["CountMonth"];
type Differences = Schemas["CountDifference"][];

/** The months of the own institution: closed ones with the rules that they keep, open ones judged anew, and what that changed. */
export function Months() {
  const { t } = useTranslation("rules");
  const errorText = useErrorText();
  const format = useFormat();
  const now = useServerNow(60_000);
  const read = useRead("/api/v1/rules/periods");
  const [chosen, setChosen] = useState<string>();
  const run = useCommand("post", "/api/v1/rules/reevaluation", {
    onSuccess: (_, { body }) => body?.apply && void read.refetch(),
  });
  const look = (month: string, apply = false) => {
    setChosen(month);
    run.mutate({ body: { month, apply } });
  };
  const of = run.data;
  const outdated = (month: string) => read.data?.months.some((m) => m.month === month && m.byOthers > 0);
  const state = (m: Month) => {
    if (m.closedAt)
      return (
        <Tone kind="muted">
          {t("months.closed", { day: format.day(m.closedAt, now), version: m.closedRuleset })}
        </Tone>
      );
    return m.byOthers > 0 ? (
      <Tone kind="caution">{t("months.byOthers", { n: m.byOthers })}</Tone>
    ) : (
      <Tone kind="good">{t("months.current")}</Tone>
    );
  };
  return (
    <Loaded query={read}>
      {({ months, runs }) => (
        <div className={styles.dialog}>
          <p className={styles.quiet}>{t("months.note")}</p>
          <Table<Month>
            rowKey={(m) => m.organisation + m.month}
            size="middle"
            pagination={false}
            scroll={{ x: "max-content" }}
            dataSource={months}
            locale={{ emptyText: t("months.none") }}
            columns={[
              { title: t("rules.month"), dataIndex: "month" },
              ...(new Set(months.map((m) => m.organisation)).size > 1
                ? [{ title: t("months.organisation"), dataIndex: "organisation" }]
                : []),
              { title: t("months.judged"), dataIndex: "judged", align: "right" as const },
              { title: t("count.yes"), dataIndex: "countable", align: "right" as const },
              { title: t("months.state"), render: (_, m) => state(m) },
              {
                title: "",
                render: (_, m) =>
                  !m.closedAt && (
                    <Button
                      size="small"
                      type={m.byOthers > 0 ? "primary" : "default"}
                      loading={run.isPending && chosen === m.month}
                      aria-label={`${t("rules.look")} ${m.month}`}
                      onClick={() => look(m.month)}
                    >
                      {t("rules.look")}
                    </Button>
                  ),
              },
            ]}
          />
          {run.error && <p role="alert">{errorText(run.error)}</p>}
          {of && chosen && (
            <section className={styles.choice} aria-label={t("rules.reevaluate")}>
              <div className={styles.line}>
                <strong>{of.month}</strong>
                <span role="status">
                  {of.closed && !of.judged
                    ? t("rules.closed")
                    : t("rules.judged", { n: of.judged, d: of.differences.length })}{" "}
                  {of.applied && t("rules.applied")}
                </span>
                {!of.applied && (of.differences.length > 0 || outdated(of.month)) && (
                  <Button type="primary" loading={run.isPending} onClick={() => look(of.month, true)}>
                    {t("rules.apply")}
                  </Button>
                )}
              </div>
              {of.differences.length > 0 && <DifferenceTable of={of.differences} />}
            </section>
          )}
          {runs.length > 0 && (
            <>
              <h2 className={styles.heading}>{t("months.runs")}</h2>
              <ul className={styles.list}>
                {runs.map((r) => (
                  <li key={r.id}>
                    <details className={styles.grow}>
                      <summary>
                        {r.month} {t(`months.cause.${r.cause}`)}
                        {"  "}
                        {t("rules.judged", { n: r.judged, d: r.differences.length })}{" "}
                        <span className={styles.quiet}>
                          {r.by} {format.moment(r.at, now)}
                        </span>
                      </summary>
                      <DifferenceTable of={r.differences} />
                    </details>
                  </li>
                ))}
              </ul>
            </>
          )}
        </div>
      )}
    </Loaded>
  );
}

function DifferenceTable({ of }: { of: Differences }) {
  const { t } = useTranslation("rules");
  const { chosen } = useCatalogue();
  const verdict = (yes: boolean, rules: string[]) => (
    <div className={styles.settings}>
      <Tone kind={yes ? "good" : "danger"}>{yes ? t("count.yes") : t("count.no")}</Tone>
      {rules.map((r) => (
        <span key={r} className={styles.quiet}>
          {r} {chosen("count_rule", r)}
        </span>
      ))}
    </div>
  );
  return (
    <Table
      rowKey="consultationId"
      size="small"
      pagination={of.length > 20 ? { pageSize: 20 } : false}
      dataSource={of}
      locale={{ emptyText: t("months.noDifference") }}
      columns={[
        {
          title: t("rules.serial"),
          render: (_, d) => <Link to={`/consultations/${d.consultationId}`}>{d.serial}</Link>,
        },
        { title: t("rules.before"), render: (_, d) => verdict(d.before, d.rulesBefore) },
        { title: t("rules.after"), render: (_, d) => verdict(d.after, d.rulesAfter) },
      ]}
    />
  );
}
