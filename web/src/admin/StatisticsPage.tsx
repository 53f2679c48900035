import { Button, Empty, Skeleton, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useErrorText, useRead } from "../api";
import type { Schemas } from "../api/types";
import { useMe } from "../auth/useSession";
import { useFormat } from "../i18n/useFormat";
import styles from "./Admin.module.css";
import { Explained } from "./Explained";
import { DayRangePicker, useToday } from "../dates";

type Row = Schemas["StatisticsRow"];
type Count = Schemas["Count"];
const measures = ["submitted", "accepted", "reported", "cancelled", "minutes", "inTarget"] as const;
type Measure = (typeof measures)[number];

const count: Record<Measure, (row: Row) => Count | undefined> = {
  submitted: (r) => r.submitted,
  accepted: (r) => r.accepted,
  reported: (r) => r.reported,
  cancelled: (r) => r.cancelled,
  minutes: (r) => r.effectiveMinutes,
  inTarget: (r) => r.acceptedInTarget,
};

/** Counts without persons; each figure says what it counts, and an institution's opens its list. */
function StatisticsPage() {
  const { t } = useTranslation(["admin", "common"]);
  const format = useFormat();
  const errorText = useErrorText();
  const me = useMe();
  const today = useToday();
  const [[from, to], setPeriod] = useState<[string, string]>([`${today.slice(0, 8)}01`, today]);
  const query = { from, to };
  const { data, isPending, error, refetch } = useRead(
    "/api/v1/statistics",
    { query },
    { keepPrevious: true },
  );
  const opensLog = me.memberships.some((m) => m.role === "INST_ADMIN");
  const show = (c: Count | undefined) =>
    c === undefined ? (
      "–"
    ) : c.suppressed ? (
      <span className={styles.quiet}>{t("statistics.suppressed")}</span>
    ) : (
      format.number(c.value ?? 0)
    );

  return (
    <section className={styles.page} aria-labelledby="statistics-title">
      <header className={styles.head}>
        <h1 id="statistics-title">{t("statistics.title")}</h1>
        <p className={styles.quiet}>{t("statistics.note")}</p>
      </header>
      <div className={styles.filters}>
        <DayRangePicker
          aria-label={t("statistics.period")}
          allowClear={false}
          value={[from, to]}
          onChange={([first, last]) => first && last && setPeriod([first, last])}
        />
      </div>
      {isPending ? (
        <Skeleton active paragraph={{ rows: 6 }} />
      ) : error ? (
        <Empty description={errorText(error)}>
          <Button onClick={() => void refetch()}>{t("common:actions.retry")}</Button>
        </Empty>
      ) : (
        <Table<Row>
          rowKey="organisationId"
          size="middle"
          pagination={false}
          scroll={{ x: "max-content" }}
          dataSource={data?.rows ?? []}
          locale={{
            emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("statistics.empty")} />,
          }}
          columns={[
            {
              key: "organisation",
              title: t("statistics.organisation"),
              fixed: "left",
              render: (_, r) => r.organisation,
            },
            ...measures.map((m) => ({
              key: m,
              align: "right" as const,
              title: <Explained name={t(`statistics.${m}`)} text={t(`statistics.help.${m}`)} />,
              render: (_: unknown, r: Row) =>
                opensLog && m === "submitted" ? (
                  <Link to={`/log?from=${query.from}&to=${query.to}`}>{show(count[m](r))}</Link>
                ) : (
                  show(count[m](r))
                ),
            })),
          ]}
        />
      )}
    </section>
  );
}

export { StatisticsPage as Component };
