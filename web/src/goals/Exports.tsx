import { Button, Checkbox, Progress, Select, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand, useRead } from "../api";
import { toError } from "../api/transport";
import type { Schemas } from "../api/types";
import { saveAs } from "../app/saveAs";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { useLanguage } from "../i18n/useLanguage";
import styles from "./Goals.module.css";
import type { useGoalQuery } from "./query";
import type { Scope } from "./ScopeSelect";

type Snapshot = Schemas["GoalSnapshot"];
type Job = Schemas["ExportJob"];

/** Sheets of sums: in their public version small counts are hidden. */
const forPublication = new Set(["E2", "E7", "E8", "E9", "E10"]);

/** Sheets of the chosen organisation and period as files, of now or of what was locked; written in the background. */
export function Exports({
  goal,
  scope,
  snapshots,
}: {
  goal: ReturnType<typeof useGoalQuery>;
  scope: Scope | undefined;
  snapshots: Snapshot[];
}) {
  const { t } = useTranslation("goals");
  const { api } = useServices();
  const english = useLanguage() === "en";
  const format = useFormat();
  const now = useServerNow();
  const { data: sheets } = useRead("/api/v1/goals/export-sheets", {});
  const [sheet, setSheet] = useState(goal.search.get("sheet") ?? "E8");
  const [kind, setKind] = useState<"xlsx" | "csv">("xlsx");
  const [from, setFrom] = useState<string>();
  const [open, setOpen] = useState(false);
  const [watching, setWatching] = useState(true);
  const jobs = useRead("/api/v1/goals/exports", {}, { refetchInterval: watching && 2000 });
  // Only what is still being written changes by itself.
  const busy = jobs.data?.some((j) => j.state === "WAITING" || j.state === "WORKING") ?? true;
  if (busy !== watching) setWatching(busy);
  const ask = useCommand("post", "/api/v1/goals/exports");
  const cancel = useCommand("post", "/api/v1/goals/exports/{id}/cancel");
  const [failed, setFailed] = useState<Error>();
  const level = scope?.level === "INSTITUTION" ? "INSTITUTION" : "AUTHORITY";
  const frozen = snapshots.filter((s) => s.state !== "DRAFT");
  const request = () =>
    ask.mutate(
      {
        body: {
          ...(scope ? { organisationId: scope.id } : {}),
          sheet,
          format: kind,
          kind: goal.query.kind,
          day: goal.query.day,
          params: {
            ...(from && (sheet === "E3" || sheet === "E8") ? { snapshotId: from } : {}),
            ...(open && forPublication.has(sheet) ? { public: true } : {}),
          },
        },
      },
      { onSuccess: () => void jobs.refetch() },
    );
  const fetchFile = (job: Job) => {
    setFailed(undefined);
    api
      .GET("/api/v1/goals/exports/{id}/file", { params: { path: { id: job.id } }, parseAs: "blob" })
      .then(({ data, error: refused, response }) => {
        if (!data) throw toError(response.status, refused);
        saveAs(job.fileName ?? job.sheet, data as unknown as Blob);
      })
      .catch((e: unknown) => setFailed(e instanceof Error ? e : new Error(String(e))));
  };
  const error = ask.error ?? cancel.error ?? failed;
  return (
    <section className={styles.card} aria-labelledby="exports">
      <h2 id="exports">{t("exports.title")}</h2>
      <div className={styles.bar}>
        <Select
          className={styles.scope}
          aria-label={t("exports.sheet")}
          showSearch={{ optionFilterProp: "label" }}
          value={sheet}
          options={(sheets ?? [])
            .filter((s) => s.levels.includes(level))
            .map((s) => ({ value: s.code, label: `${s.code} ${english ? s.en : s.zh}` }))}
          onChange={setSheet}
        />
        <Select
          aria-label={t("exports.format")}
          value={kind}
          options={
            [
              { value: "xlsx", label: "xlsx" },
              { value: "csv", label: "csv" },
            ] as const
          }
          onChange={setKind}
        />
        {(sheet === "E3" || sheet === "E8") && frozen.length > 0 && (
          <Select
            className={styles.scope}
            allowClear
            aria-label={t("exports.from")}
            placeholder={t("exports.now")}
            {...(from ? { value: from } : {})}
            options={frozen.map((s) => ({
              value: s.id,
              label: `${s.label} ${t("returns.version", { n: s.version })}`,
            }))}
            onChange={setFrom}
          />
        )}
        {forPublication.has(sheet) && (
          <Checkbox checked={open} onChange={(e) => setOpen(e.target.checked)}>
            {t("exports.public")}
          </Checkbox>
        )}
        <Button type="primary" loading={ask.isPending} onClick={request}>
          {t("exports.ask")}
        </Button>
      </div>
      <Refused error={error} />
      <Table<Job>
        rowKey="id"
        size="small"
        pagination={(jobs.data?.length ?? 0) > 10 ? { pageSize: 10, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
        dataSource={jobs.data ?? []}
        locale={{ emptyText: t("exports.none") }}
        columns={[
          { key: "sheet", title: t("exports.sheet"), render: (_, j) => `${j.sheet} · ${j.format}` },
          { key: "org", title: t("scope"), render: (_, j) => j.organisation },
          { key: "label", title: t("period"), render: (_, j) => j.label },
          { key: "at", title: t("exports.at"), render: (_, j) => format.moment(j.requestedAt, now) },
          {
            key: "state",
            title: t("tasks.state"),
            render: (_, j) =>
              j.state === "WORKING" ? (
                <span>
                  <Progress
                    aria-label={t("exports.rows")}
                    type="circle"
                    size={20}
                    percent={j.totalRows ? (100 * j.doneRows) / j.totalRows : 0}
                    showInfo={false}
                  />{" "}
                  {format.number(j.doneRows)}
                </span>
              ) : (
                <span>
                  {t(`exports.states.${j.state}`)} {j.error}
                </span>
              ),
          },
          {
            key: "rows",
            title: t("exports.rows"),
            align: "right",
            render: (_, j) => format.number(j.doneRows),
          },
          {
            key: "act",
            render: (_, j) =>
              j.state === "READY" ? (
                <Button type="link" size="small" onClick={() => fetchFile(j)}>
                  {j.fileName}
                </Button>
              ) : j.state === "WAITING" || j.state === "WORKING" ? (
                <Button size="small" onClick={() => cancel.mutate({ path: { id: j.id } })}>
                  {t("returns.cancel")}
                </Button>
              ) : null,
          },
        ]}
      />
    </section>
  );
}
