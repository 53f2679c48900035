import { DownloadOutlined, UploadOutlined } from "@ant-design/icons";
import { Alert, Button, Segmented, Table } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand, useRead } from "../api";
import { toError } from "../api/transport";
import type { Schemas } from "../api/types";
import { csvText } from "../app/csv";
import { Loaded } from "../app/Loaded";
import { saveAs } from "../app/saveAs";
import { useServices } from "../app/services";
import { hasRole, useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import styles from "./Goals.module.css";
import { GoalsShell } from "./GoalsShell";

type What = Schemas["ImportedFile"]["what"];
type Result = Schemas["ImportResult"];

/** Data from a workbook: template, a dry run that names what is wrong row by row, and only then the import. */
function ImportsPage() {
  const { t } = useTranslation("goals");
  const me = useMe();
  const allowed: What[] = [
    ...(hasRole(me, "INST_ADMIN", "REG_COUNTY", "REG_LEAGUE", "REG_REGION")
      ? (["DENOMINATORS"] as const)
      : []),
    ...(hasRole(me, "INST_ADMIN", "SYS_ADMIN") ? (["STAFF"] as const) : []),
    ...(hasRole(me, "INST_ADMIN") ? (["RESIDENTS"] as const) : []),
    ...(hasRole(me, "SYS_ADMIN") ? (["ORGANISATIONS", "AGREEMENTS"] as const) : []),
  ];
  const [chosen, setChosen] = useState<What>();
  const what = chosen ?? allowed[0] ?? "DENOMINATORS";
  const past = useRead("/api/v1/goals/imports");
  const format = useFormat();
  const now = useServerNow(60_000);
  return (
    <GoalsShell title={t("imports.title")}>
      {allowed.length > 1 && (
        <div>
          <Segmented<What>
            aria-label={t("imports.what")}
            value={what}
            options={allowed.map((value) => ({ value, label: t(`imports.kinds.${value}`) }))}
            onChange={setChosen}
          />
        </div>
      )}
      <Import key={what} what={what} onDone={() => void past.refetch()} />
      <section className={styles.card} aria-labelledby="imports-past">
        <h2 id="imports-past">{t("imports.past")}</h2>
        <Loaded query={past}>
          {(rows) => (
            <Table<Schemas["ImportedFile"]>
              rowKey="id"
              size="small"
              pagination={rows.length > 10 ? { pageSize: 10, showSizeChanger: false } : false}
              scroll={{ x: "max-content" }}
              dataSource={rows}
              locale={{ emptyText: t("imports.none") }}
              columns={[
                { key: "what", title: t("imports.what"), render: (_, f) => t(`imports.kinds.${f.what}`) },
                { key: "file", title: t("imports.file"), render: (_, f) => f.fileName },
                {
                  key: "rows",
                  title: t("imports.rows"),
                  align: "right",
                  render: (_, f) => format.number(f.rows),
                },
                { key: "by", title: t("imports.by"), render: (_, f) => f.by },
                { key: "at", title: t("imports.at"), render: (_, f) => format.moment(f.at, now) },
              ]}
            />
          )}
        </Loaded>
      </section>
    </GoalsShell>
  );
}

function Import({ what, onDone }: { what: What; onDone: () => void }) {
  const { t } = useTranslation(["goals", "common"]);
  const { api } = useServices();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File>();
  const [failed, setFailed] = useState<Error>();
  const [fetching, setFetching] = useState(false);
  const run = useCommand("post", "/api/v1/goals/imports");
  const send = (of: File, dryRun: boolean) =>
    run.mutate(
      { query: { what, dryRun, fileName: of.name.slice(-120) }, body: of },
      {
        onSuccess: (result) => {
          if (result.written > 0) onDone();
        },
      },
    );
  const template = () => {
    setFailed(undefined);
    setFetching(true);
    api
      .GET("/api/v1/goals/import-template", { params: { query: { what } }, parseAs: "blob" })
      .then(({ data, error, response }) => {
        if (!data) throw toError(response.status, error);
        saveAs(`${t(`imports.kinds.${what}`)}.xlsx`, data as unknown as Blob);
      })
      .catch((e: unknown) => setFailed(e instanceof Error ? e : new Error(String(e))))
      .finally(() => setFetching(false));
  };
  const result = run.data;
  return (
    <section className={styles.card} aria-labelledby="imports-file">
      <h2 id="imports-file">{t(`imports.kinds.${what}`)}</h2>
      <div className={styles.steps}>
        <p className={styles.quiet}>{t(`imports.help.${what}`)}</p>
        <div className={styles.bar}>
          <Button icon={<DownloadOutlined aria-hidden />} loading={fetching} onClick={template}>
            {t("imports.template")}
          </Button>
          <Button
            type={file ? "default" : "primary"}
            icon={<UploadOutlined aria-hidden />}
            loading={run.isPending}
            onClick={() => input.current?.click()}
          >
            {t(file ? "imports.other" : "imports.choose")}
          </Button>
          {file && <span>{file.name}</span>}
        </div>
        <input
          ref={input}
          type="file"
          hidden
          aria-label={t("imports.choose")}
          accept=".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
          onChange={(event) => {
            const chosen = event.target.files?.[0];
            event.target.value = "";
            if (!chosen) return;
            setFile(chosen);
            send(chosen, true);
          }}
        />
        <Refused error={run.error ?? failed} />
        {result && file && !run.isPending && <Outcome result={result} onConfirm={() => send(file, false)} />}
      </div>
    </section>
  );
}

/** What the dry run found, or what was written. */
function Outcome({ result, onConfirm }: { result: Result; onConfirm: () => void }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const n = format.number(result.rows);
  if (result.problems.length > 0)
    return (
      <>
        <Alert
          type="error"
          showIcon
          title={t("imports.wrong", { n, wrong: new Set(result.problems.map((p) => p.row)).size })}
          description={t("imports.nothing")}
        />
        <Table<Schemas["ImportProblem"]>
          rowKey={(p) => `${p.row} ${p.column} ${p.code}`}
          size="small"
          pagination={result.problems.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
          dataSource={result.problems}
          columns={[
            { key: "row", title: t("imports.row"), align: "right", width: "6rem", render: (_, p) => p.row },
            { key: "column", title: t("imports.column"), width: "14rem", render: (_, p) => p.column },
            { key: "message", title: t("imports.message"), render: (_, p) => p.message },
          ]}
        />
      </>
    );
  if (result.rows === 0) return <Alert type="warning" showIcon title={t("imports.empty")} />;
  if (!result.dryRun)
    return (
      <>
        <Alert type="success" showIcon title={t("imports.written", { n: format.number(result.written) })} />
        {result.invited && (
          <Alert type="info" showIcon title={t("imports.invited", { names: result.invited.join(", ") })} />
        )}
        {result.accounts && result.accounts.length > 0 && <Accounts list={result.accounts} />}
      </>
    );
  return (
    <Alert
      type="info"
      showIcon
      title={t("imports.right", { n })}
      description={
        result.invited
          ? `${t("imports.confirmText")} ${t("imports.willInvite", { names: result.invited.join(", ") })}`
          : t("imports.confirmText")
      }
      action={
        <Button type="primary" onClick={onConfirm}>
          {t("imports.confirm", { n })}
        </Button>
      }
    />
  );
}

/** The temporary passwords, which are told once. */
function Accounts({ list }: { list: NonNullable<Result["accounts"]> }) {
  const { t } = useTranslation("goals");
  const save = () => {
    const lines = [
      [t("imports.username"), t("imports.name"), t("imports.password")],
      ...list.map((a) => [a.username, a.name, a.temporaryPassword]),
    ];
    saveAs(`${t("imports.passwords")}.csv`, new Blob([csvText(lines)], { type: "text/csv" }));
  };
  return (
    <>
      <Alert
        type="warning"
        showIcon
        title={t("imports.once")}
        action={
          <Button icon={<DownloadOutlined aria-hidden />} onClick={save}>
            {t("imports.passwords")}
          </Button>
        }
      />
      <Table<(typeof list)[number]>
        rowKey="username"
        size="small"
        pagination={list.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
        dataSource={list}
        columns={[
          { key: "username", title: t("imports.username"), render: (_, a) => a.username },
          { key: "name", title: t("imports.name"), render: (_, a) => a.name },
          {
            key: "password",
            title: t("imports.password"),
            render: (_, a) => <code>{a.temporaryPassword}</code>,
          },
        ]}
      />
    </>
  );
}

export { ImportsPage as Component };
