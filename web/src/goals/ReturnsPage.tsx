import { Alert, Button, Input, List, Modal, Progress, Select, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call, useCommand, useErrorText, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { saveAs } from "../app/saveAs";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { useLanguage } from "../i18n/useLanguage";
import { Tone } from "../theme";
import styles from "./Goals.module.css";
import { PeriodBar } from "./Period";
import { useGoalQuery } from "./query";
import { Tasks } from "./Tasks";

type Snapshot = Schemas["GoalSnapshot"];
type Job = Schemas["ExportJob"];

/** A period's return: draft, lock, sign off, export, receipt; verified again whenever somebody asks. */
function ReturnsPage() {
  const { t } = useTranslation("goals");
  const goal = useGoalQuery();
  const organisation = goal.query.organisationId ? { organisationId: goal.query.organisationId } : {};
  const list = useRead("/api/v1/goals/snapshots", { query: organisation });
  const [reason, setReason] = useState("");
  const errorText = useErrorText();
  const create = useCommand("post", "/api/v1/goals/snapshots");
  const draft = () =>
    create.mutate(
      {
        body: {
          ...organisation,
          kind: goal.query.kind,
          day: goal.query.day,
          ...(reason.trim() ? { reason: reason.trim() } : {}),
        },
      },
      {
        onSuccess: () => {
          setReason("");
          void list.refetch();
        },
      },
    );
  return (
    <section className={styles.page} aria-labelledby="returns-title">
      <header className={styles.head}>
        <h1 id="returns-title">{t("returns.title")}</h1>
        <span className={styles.quiet}>{t("note")}</span>
      </header>
      <PeriodBar goal={goal} />
      <Tasks organisationId={goal.query.organisationId} />
      <section className={styles.card} aria-labelledby="snapshots">
        <h2 id="snapshots">{t("returns.list")}</h2>
        <div className={styles.bar}>
          <Input
            style={{ width: "22rem", maxWidth: "100%" }}
            value={reason}
            maxLength={500}
            placeholder={t("returns.reason")}
            aria-label={t("returns.reason")}
            onChange={(e) => setReason(e.target.value)}
          />
          <Button type="primary" loading={create.isPending} onClick={draft}>
            {t("returns.draft")}
          </Button>
        </div>
        {create.error && <Alert type="error" showIcon title={errorText(create.error)} />}
        <Loaded query={list}>
          {(rows) => (
            <List
              dataSource={rows}
              locale={{ emptyText: t("returns.none") }}
              renderItem={(s) => (
                <List.Item key={s.id}>
                  <Return snapshot={s} changed={() => void list.refetch()} />
                </List.Item>
              )}
            />
          )}
        </Loaded>
      </section>
      <Exports goal={goal} snapshots={list.data ?? []} />
    </section>
  );
}

const tones = { DRAFT: "muted", LOCKED: "claimed", SIGNED: "primary", FILED: "good" } as const;

function Return({ snapshot: s, changed }: { snapshot: Snapshot; changed: () => void }) {
  const { t } = useTranslation("goals");
  const { api } = useServices();
  const format = useFormat();
  const now = useServerNow();
  const errorText = useErrorText();
  const lock = useCommand("post", "/api/v1/goals/snapshots/{id}/lock");
  const sign = useCommand("post", "/api/v1/goals/snapshots/{id}/sign");
  const file = useCommand("post", "/api/v1/goals/snapshots/{id}/receipt");
  const [receipt, setReceipt] = useState("");
  const [verdict, setVerdict] = useState<Schemas["SnapshotVerification"]>();
  const [failed, setFailed] = useState<Error>();
  const done = { onSuccess: changed };
  const path = { path: { id: s.id } };
  const verify = () => {
    setFailed(undefined);
    call(api, "get", "/api/v1/goals/snapshots/{id}/verification", path)
      .then(setVerdict)
      .catch((e: unknown) => setFailed(e instanceof Error ? e : new Error(String(e))));
  };
  const error = lock.error ?? sign.error ?? file.error ?? failed;
  return (
    <div className={styles.steps}>
      <div className={styles.bar}>
        <strong>
          {s.organisation} {s.label} {t("returns.version", { n: s.version })}
        </strong>
        <Tone kind={tones[s.state]}>{t(`returns.state.${s.state}`)}</Tone>
        {s.lockedAt && (
          <span className={styles.quiet}>
            {t("returns.locked", { who: s.lockedBy, at: format.moment(s.lockedAt, now) })}
          </span>
        )}
        {s.signedAt && (
          <span className={styles.quiet}>
            {t("returns.signed", { who: s.signedBy, at: format.moment(s.signedAt, now) })}
          </span>
        )}
        {s.receipt && <span className={styles.quiet}>{t("returns.receipt", { n: s.receipt })}</span>}
        <span className={styles.push} />
        {s.state === "DRAFT" && (
          <Button
            type="primary"
            disabled={!s.over}
            loading={lock.isPending}
            onClick={() =>
              Modal.confirm({
                title: t("returns.lockTitle", { label: s.label }),
                content: t("returns.lockText"),
                okText: t("returns.lock"),
                cancelText: t("returns.cancel"),
                onOk: () => lock.mutate(path, done),
              })
            }
          >
            {t("returns.lock")}
          </Button>
        )}
        {s.state === "LOCKED" && (
          <Button type="primary" loading={sign.isPending} onClick={() => sign.mutate(path, done)}>
            {t("returns.sign")}
          </Button>
        )}
        {s.state === "SIGNED" && (
          <>
            <Input
              style={{ width: "12rem" }}
              value={receipt}
              maxLength={100}
              placeholder={t("returns.receiptNo")}
              aria-label={t("returns.receiptNo")}
              onChange={(e) => setReceipt(e.target.value)}
            />
            <Button
              type="primary"
              disabled={!receipt.trim()}
              loading={file.isPending}
              onClick={() => file.mutate({ ...path, body: { receipt: receipt.trim() } }, done)}
            >
              {t("returns.file")}
            </Button>
          </>
        )}
        {s.state !== "DRAFT" && <Button onClick={verify}>{t("returns.verify")}</Button>}
      </div>
      {s.state === "DRAFT" && !s.over && <p className={styles.quiet}>{t("returns.notOver")}</p>}
      {s.reason && <p>{t("returns.because", { reason: s.reason })}</p>}
      {s.digest && (
        <p className={styles.digest}>
          SHA-256 {s.digest} · {t("returns.rows", { n: format.number(s.rowCount) })}
          {s.ruleset && ` · ${s.ruleset}`} · {s.definitions}
        </p>
      )}
      {s.differences.length > 0 && <Differences title={t("returns.differences")} list={s.differences} />}
      {error && <Alert type="error" showIcon title={errorText(error)} />}
      {verdict && (
        <Alert
          type={verdict.intact && verdict.sealed ? "success" : "error"}
          showIcon
          title={t(verdict.intact && verdict.sealed ? "returns.intact" : "returns.broken", {
            n: format.number(verdict.rowCount),
          })}
          description={
            verdict.changes.length === 0 ? (
              t("returns.unchanged")
            ) : (
              <Differences title={t("returns.since")} list={verdict.changes} />
            )
          }
        />
      )}
    </div>
  );
}

function Differences({ title, list }: { title: string; list: Schemas["SnapshotDifference"][] }) {
  const { t } = useTranslation("goals");
  return (
    <details>
      <summary>
        {title} {list.length}
      </summary>
      <Table
        rowKey={(d) => d.kind + d.key}
        size="small"
        pagination={list.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
        dataSource={list}
        columns={[
          { key: "key", title: t("returns.what"), render: (_, d) => d.key },
          { key: "before", title: t("returns.before"), render: (_, d) => d.before || t("figure.none") },
          { key: "after", title: t("returns.after"), render: (_, d) => d.after || t("figure.none") },
        ]}
      />
    </details>
  );
}

function Exports({ goal, snapshots }: { goal: ReturnType<typeof useGoalQuery>; snapshots: Snapshot[] }) {
  const { t } = useTranslation("goals");
  const { api } = useServices();
  const english = useLanguage() === "en";
  const format = useFormat();
  const now = useServerNow();
  const errorText = useErrorText();
  const { data: sheets } = useRead("/api/v1/goals/export-sheets", {});
  const { data: scopes } = useRead("/api/v1/goals/scopes", {});
  const [sheet, setSheet] = useState("E8");
  const [kind, setKind] = useState<"xlsx" | "csv">("xlsx");
  const [from, setFrom] = useState<string>();
  const [watching, setWatching] = useState(true);
  const jobs = useRead("/api/v1/goals/exports", {}, { refetchInterval: watching && 2000 });
  // Only what is still being written changes by itself.
  const busy = jobs.data?.some((j) => j.state === "WAITING" || j.state === "WORKING") ?? true;
  if (busy !== watching) setWatching(busy);
  const ask = useCommand("post", "/api/v1/goals/exports");
  const cancel = useCommand("post", "/api/v1/goals/exports/{id}/cancel");
  const [failed, setFailed] = useState<Error>();
  const chosen = scopes?.find((s) => s.id === goal.query.organisationId) ?? scopes?.[0];
  const level = chosen?.level === "INSTITUTION" ? "INSTITUTION" : "AUTHORITY";
  const frozen = snapshots.filter((s) => s.state !== "DRAFT");
  const request = () =>
    ask.mutate(
      {
        body: {
          ...(goal.query.organisationId ? { organisationId: goal.query.organisationId } : {}),
          sheet,
          format: kind,
          kind: goal.query.kind,
          day: goal.query.day,
          ...(from && (sheet === "E3" || sheet === "E8") ? { params: { snapshotId: from } } : {}),
        },
      },
      { onSuccess: () => void jobs.refetch() },
    );
  const fetchFile = (job: Job) => {
    setFailed(undefined);
    api
      .GET("/api/v1/goals/exports/{id}/file", { params: { path: { id: job.id } }, parseAs: "blob" })
      .then(({ data }) => {
        if (!data) throw new Error("file");
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
        <Button type="primary" loading={ask.isPending} onClick={request}>
          {t("exports.ask")}
        </Button>
      </div>
      {error && <Alert type="error" showIcon title={errorText(error)} />}
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

export { ReturnsPage as Component };
