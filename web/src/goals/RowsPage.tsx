import { Button, Table } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call, useCatalogue, useRead, useOlder } from "../api";
import type { Schemas } from "../api/types";
import { StateTag } from "../admin/StateTag";
import { Loaded } from "../app/Loaded";
import { useServices } from "../app/services";
import { useFormat } from "../i18n/useFormat";
import { Tone, UrgencyTag } from "../theme";
import styles from "./Goals.module.css";
import { GoalsShell } from "./GoalsShell";
import { PeriodBar } from "./Period";
import { useGoalQuery } from "./query";

type Row = Schemas["GoalRow"];

/** The consultations behind a figure, without persons; those of one's own institution open their evidence. */
function RowsPage() {
  const { t } = useTranslation("goals");
  const { api } = useServices();
  const goal = useGoalQuery();
  const { search } = goal;
  const named = (name: string) => (search.get(name) ? { [name]: search.get(name) ?? "" } : {});
  const query = {
    ...goal.query,
    ...named("mark"),
    ...named("without"),
    ...named("serviceType"),
    ...named("doctorId"),
    ...(search.get("hour") ? { hour: Number(search.get("hour")) } : {}),
  };
  const first = useRead("/api/v1/goals/rows", { query }, { keepPrevious: true });
  const older = useOlder(query, first.data?.next, (cursor) =>
    call(api, "get", "/api/v1/goals/rows", { query: { ...query, cursor } }),
  );
  const { label, chosen } = useCatalogue();
  const mark = search.get("mark") ?? "";
  const conditions = [
    search.get("without")
      ? t("times.answerLate")
      : mark.startsWith("NC")
        ? chosen("count_rule", mark)
        : mark && t(`marks.${mark as "SUBMITTED"}`),
    search.get("serviceType") && label("serviceTypes", search.get("serviceType") ?? ""),
    search.get("hour") && t("dimension.hour", { h: Number(search.get("hour")) }),
  ]
    .filter(Boolean)
    .join(t("sample.separator"));
  const back = new URLSearchParams(search);
  for (const name of ["mark", "without", "serviceType", "doctorId", "hour"]) back.delete(name);
  return (
    <GoalsShell
      title={t("rows.title")}
      aside={
        <>
          {conditions && <strong>{conditions}</strong>}
          <Link to={`/goals?${back}`}>{t("rows.back")}</Link>
          <span className={styles.quiet}>
            {first.data && first.data.total >= 0 && t("rows.count", { n: first.data.total })}
          </span>
        </>
      }
    >
      <PeriodBar goal={goal} />
      <Loaded query={first}>
        {(page) => (
          <>
            {page.rows.some((r) => !r.opens) && <p className={styles.quiet}>{t("rows.authority")}</p>}
            <Rows rows={[...page.rows, ...older.rows]} />
          </>
        )}
      </Loaded>
      {older.next && (
        <div className={styles.more}>
          <Button loading={older.loading} onClick={older.load}>
            {t("rows.more")}
          </Button>
        </div>
      )}
    </GoalsShell>
  );
}

function Rows({ rows }: { rows: Row[] }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const { label, chosen } = useCatalogue();
  const span = (s: number | undefined) => (s === undefined ? t("figure.none") : format.span(s));
  return (
    <Table<Row>
      rowKey="id"
      size="small"
      pagination={false}
      scroll={{ x: "max-content" }}
      dataSource={rows}
      locale={{ emptyText: t("rows.empty") }}
      columns={[
        {
          key: "serial",
          title: t("rows.serial"),
          fixed: "left",
          render: (_, r) => (r.opens ? <Link to={`/consultations/${r.id}`}>{r.serial}</Link> : r.serial),
        },
        { key: "day", title: t("rows.day"), render: (_, r) => r.day },
        { key: "urgency", render: (_, r) => <UrgencyTag urgency={r.urgency} /> },
        { key: "institution", title: t("rows.institution"), render: (_, r) => r.institution },
        { key: "hospital", title: t("rows.hospital"), render: (_, r) => r.hospital },
        { key: "doctor", title: t("rows.doctor"), render: (_, r) => r.doctor },
        { key: "service", title: t("rows.service"), render: (_, r) => label("serviceTypes", r.serviceType) },
        { key: "state", title: t("rows.state"), render: (_, r) => <StateTag state={r.state} /> },
        { key: "answer", title: t("rows.answer"), align: "right", render: (_, r) => span(r.answerSeconds) },
        { key: "report", title: t("rows.report"), align: "right", render: (_, r) => span(r.reportSeconds) },
        {
          key: "countable",
          title: t("rows.countable"),
          fixed: "right",
          render: (_, r) =>
            r.countable === undefined ? (
              <Tone kind="muted">{t("rows.unknown")}</Tone>
            ) : r.countable ? (
              <Tone kind="good" icon="✓">
                {t("rows.yes")}
              </Tone>
            ) : (
              <span className={styles.noteList}>
                <Tone kind="caution">{t("rows.no")}</Tone>
                {r.reasons.map((code) => (
                  <span key={code} className={styles.quiet}>
                    {chosen("count_rule", code)}
                  </span>
                ))}
              </span>
            ),
        },
      ]}
    />
  );
}

export { RowsPage as Component };
