import { DownloadOutlined, UploadOutlined } from "@ant-design/icons";
import { Button, Input, Table, Tabs } from "antd";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { useRead } from "../../api";
import type { Schemas } from "../../api/types";
import { Loaded } from "../../app/Loaded";
import { Page } from "../../app/Page";
import { useDownload } from "../../app/useDownload";
import { useServerNow } from "../../clock/useServerNow";
import { Refused } from "../../dialog";
import { useFormat } from "../../i18n/useFormat";
import { Tone } from "../../theme";
import { CodeUpload } from "./CodeUpload";
import styles from "./Codes.module.css";

type CodeTable = Schemas["CodeTable"];
type Version = Schemas["CodeTableVersion"];

/** The code tables that the installation may replace: what is in force, found by code, name or initials, and its versions. */
function CodesPage() {
  const { t } = useTranslation("admin");
  const tables = useRead("/api/v1/code-tables");
  return (
    <Page title={t("codes.title")}>
      <p className={styles.quiet}>{t("codes.note")}</p>
      <Loaded query={tables}>
        {(list) => (
          <Tabs
            items={list.map((of) => ({
              key: of.kind,
              label: t(`codes.kinds.${of.kind}`),
              children: <One of={of} onReplaced={() => void tables.refetch()} />,
            }))}
          />
        )}
      </Loaded>
    </Page>
  );
}

function One({ of, onReplaced }: { of: CodeTable; onReplaced: () => void }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const now = useServerNow(60_000);
  const [uploading, setUploading] = useState(false);
  const [version, setVersion] = useState<number>();
  const file = useDownload();
  const shown = version ?? of.version;
  const inForce = of.versions.find((v) => v.version === of.version);
  const coming = of.versions.filter((v) => v.version > of.version);
  const download = (n: number) =>
    void file.download(`${of.kind.toLowerCase()}-v${n}.csv`, (api) =>
      api.GET("/api/v1/code-tables/{kind}/file", {
        params: { path: { kind: of.kind }, query: { version: n } },
        parseAs: "blob",
      }),
    );
  return (
    <div className={styles.stack}>
      <div className={styles.bar}>
        <Tone kind="good">{t("codes.inForce", { n: of.version, rows: format.number(of.rows) })}</Tone>
        {inForce && (
          <span className={styles.quiet}>
            {inForce.madeBy
              ? t("codes.by", { name: inForce.madeBy, time: format.moment(inForce.validFrom, now) })
              : t("codes.shipped")}
          </span>
        )}
        {coming.map((v) => (
          <Tone key={v.version} kind="caution">
            {t("codes.coming", { n: v.version, day: format.day(v.validFrom, now) })}
          </Tone>
        ))}
        <span className={styles.acts}>
          <Button
            icon={<DownloadOutlined aria-hidden />}
            loading={file.busy}
            onClick={() => download(of.versions[0]?.version ?? of.version)}
          >
            {t("codes.download")}
          </Button>
          <Button type="primary" icon={<UploadOutlined aria-hidden />} onClick={() => setUploading(true)}>
            {t("codes.replace")}
          </Button>
        </span>
      </div>
      <Refused error={file.error} />
      <Rows key={`${of.kind} ${shown}`} kind={of.kind} version={shown} />
      <h2>{t("codes.versions")}</h2>
      <Table<Version>
        rowKey="version"
        size="small"
        pagination={of.versions.length > 10 ? { pageSize: 10, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
        dataSource={of.versions}
        columns={[
          {
            title: t("codes.version"),
            render: (_, v) => (
              <span className={styles.line}>
                {v.version}
                {v.version === of.version && <Tone kind="good">{t("codes.now")}</Tone>}
              </span>
            ),
          },
          {
            title: t("codes.validFrom"),
            render: (_, v) => (v.madeBy ? format.moment(v.validFrom, now) : t("codes.always")),
          },
          { title: t("codes.rows"), align: "right", render: (_, v) => format.number(v.rows) },
          {
            title: t("codes.difference"),
            render: (_, v) =>
              v.madeBy ? t("codes.counts", { added: v.added, changed: v.changed, retired: v.retired }) : "–",
          },
          { title: t("codes.file"), render: (_, v) => v.fileName },
          { title: t("codes.madeBy"), render: (_, v) => v.madeBy ?? t("codes.program") },
          { title: "SHA-256", render: (_, v) => <code title={v.sha256}>{v.sha256.slice(0, 12)}…</code> },
          {
            title: "",
            render: (_, v) => (
              <span className={styles.line}>
                <Button
                  size="small"
                  disabled={v.version === shown}
                  onClick={() => setVersion(v.version)}
                  aria-label={t("codes.showVersion", { n: v.version })}
                >
                  {t("codes.show")}
                </Button>
                <Button
                  size="small"
                  onClick={() => download(v.version)}
                  aria-label={t("codes.downloadVersion", { n: v.version })}
                >
                  CSV
                </Button>
              </span>
            ),
          },
        ]}
      />
      {uploading && (
        <CodeUpload
          of={of}
          onClose={() => setUploading(false)}
          onReplaced={() => {
            setVersion(undefined);
            onReplaced();
          }}
        />
      )}
    </div>
  );
}

const pageSize = 100;
/** Columns that a person reads; bounds and options stand in the file. */
const readable: Record<CodeTable["kind"], readonly string[]> = {
  CONDITION: ["aka"],
  VITAL: ["loinc", "ucum", "normal_low", "normal_high"],
  DEPARTMENT: ["parent"],
  DIVISION: ["parent", "level"],
};

function Rows({ kind, version }: { kind: CodeTable["kind"]; version: number }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const [text, setText] = useState("");
  const [page, setPage] = useState(1);
  const q = useDeferredValue(text.trim());
  const rows = useRead(
    "/api/v1/code-tables/{kind}",
    { path: { kind }, query: { version, offset: (page - 1) * pageSize, ...(q ? { q } : {}) } },
    { keepPrevious: true },
  );
  return (
    <>
      <div className={styles.bar}>
        <Input.Search
          className={styles.search}
          allowClear
          aria-label={t("codes.search")}
          placeholder={t("codes.search")}
          value={text}
          maxLength={60}
          onChange={(event) => {
            setText(event.target.value);
            setPage(1);
          }}
        />
        <span className={styles.quiet} role="status">
          {rows.data && t("codes.found", { n: format.number(rows.data.total), version })}
        </span>
      </div>
      <Loaded query={rows}>
        {(data) => (
          <Table<Schemas["CodeTableRow"]>
            rowKey="code"
            size="small"
            scroll={{ x: "max-content", y: "24rem" }}
            dataSource={data.rows}
            locale={{ emptyText: t("codes.nothing") }}
            pagination={
              data.total > pageSize
                ? { current: page, pageSize, total: data.total, showSizeChanger: false, onChange: setPage }
                : false
            }
            columns={[
              { title: t("codes.code"), width: 120, render: (_, r) => <strong>{r.code}</strong> },
              { title: t("codes.zh"), width: 280, render: (_, r) => <span lang="zh-CN">{r.zh}</span> },
              { title: t("codes.en"), width: 280, render: (_, r) => r.en },
              ...readable[kind].map((column) => ({
                title: t(`codes.columns.${column as "aka"}`),
                key: column,
                width: 130,
                render: (_: unknown, r: Schemas["CodeTableRow"]) =>
                  column === "aka" ? <span lang="zh-CN">{r.more[column]}</span> : r.more[column],
              })),
              { title: t("codes.initials"), width: 160, render: (_, r) => r.initials },
              { title: t("codes.since"), width: 90, align: "right", render: (_, r) => r.sinceVersion },
            ]}
          />
        )}
      </Loaded>
    </>
  );
}

export { CodesPage as Component };
