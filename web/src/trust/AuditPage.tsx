import { CheckCircleOutlined, DownloadOutlined, WarningOutlined } from "@ant-design/icons";
import { App, Button, Checkbox, Segmented, Table } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { call, useCatalogue, useCommand, useErrorText, useOlder, useRead } from "../api";
import { toError } from "../api/transport";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { saveAs } from "../app/saveAs";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { DayRangePicker } from "../dates";
import { Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import { CheckpointButton } from "./CheckpointButton";
import { PersonCell } from "./PersonCell";
import styles from "./Trust.module.css";
import { useActionWords } from "./useActionWords";
import { useFilters } from "./useFilters";

type Row = Schemas["AuditRow"];
type Kind = Schemas["AuditKind"];

/** ms; a proof that was asked for ends by itself. */
const lookAgain = 5_000;

const kinds = ["ALL", "ACCESS", "SECURITY", "WORK"] as const;

/** The auditor's page: the log of the whole installation, whether its proof holds, and the means to take both away. */
function AuditPage() {
  const { t } = useTranslation("trust");
  const { search, set, clear } = useFilters();
  const query = useMemo(() => filters(search), [search]);
  const first = useRead("/api/v1/audit", { query }, { keepPrevious: true, refetchInterval: lookAgain });
  const { api } = useServices();
  const older = useOlder(query, first.data?.next, (cursor) =>
    call(api, "get", "/api/v1/audit", { query: { ...query, cursor } }),
  );
  return (
    <Page
      title={t("audit.title")}
      actions={
        <span className={styles.line}>
          <ExportButton query={query} />
          <CheckpointButton />
        </span>
      }
    >
      <p className={styles.quiet}>{t("audit.note")}</p>
      {first.data && <Proof of={first.data.verification} proving={first.data.verifying ?? false} />}
      <div className={styles.line} role="search">
        <Segmented
          aria-label={t("audit.kind")}
          value={query.kind ?? "ALL"}
          onChange={(kind) => set({ kind: kind === "ALL" ? undefined : kind })}
          options={kinds.map((value) => ({ value, label: t(`audit.kinds.${value}`) }))}
        />
        <DayRangePicker
          aria-label={t("accesses.filters.period")}
          value={[query.from, query.to]}
          open
          onChange={([from, to]) => set({ from, to })}
        />
        <Checkbox
          checked={query.failed ?? false}
          onChange={(event) => set({ failed: event.target.checked ? "1" : undefined })}
        >
          {t("audit.failed")}
        </Checkbox>
        {Object.keys(query).length > 1 && (
          <Button type="link" onClick={clear}>
            {t("accesses.filters.clear")}
          </Button>
        )}
      </div>
      <Loaded query={first}>
        {(page) => (
          <Rows
            rows={[...page.rows, ...older.rows]}
            loading={first.isPlaceholderData}
            onPerson={(userId) => set({ userId })}
          />
        )}
      </Loaded>
      {older.next && (
        <div>
          <Button loading={older.loading} onClick={older.load}>
            {t("accesses.earlier")}
          </Button>
        </div>
      )}
    </Page>
  );
}
export { AuditPage as Component };

/** What the last proof of the hash chains found, and the means to have another one now. */
function Proof({ of, proving }: { of: Schemas["ChainVerification"] | undefined; proving: boolean }) {
  const { t } = useTranslation("trust");
  const { query } = useServices();
  const ask = useCommand("post", "/api/v1/audit/verification", {
    onSuccess: () => void query.invalidateQueries({ queryKey: ["/api/v1/audit"] }),
  });
  return (
    <div className={styles.line} role="status">
      {proving ? <Tone kind="primary">{t("audit.proving")}</Tone> : <Found of={of} />}
      <Button disabled={proving} loading={ask.isPending} onClick={() => ask.mutate({})}>
        {t("audit.prove")}
      </Button>
      <Refused error={ask.error} />
    </div>
  );
}

function Found({ of }: { of: Schemas["ChainVerification"] | undefined }) {
  const { t } = useTranslation("trust");
  const format = useFormat();
  const now = useServerNow(60_000);
  if (!of) return <Tone kind="muted">{t("audit.proofNone")}</Tone>;
  const time = format.moment(of.at, now);
  return of.faults === 0 ? (
    <Tone kind="good" icon={<CheckCircleOutlined />}>
      {t("audit.proofHolds", { time })}
    </Tone>
  ) : (
    <Tone kind="danger" icon={<WarningOutlined />}>
      {t("audit.proofBroken", { time, n: of.faults })}
    </Tone>
  );
}

function ExportButton({ query }: { query: Filters }) {
  const { t } = useTranslation("trust");
  const { message } = App.useApp();
  const errorText = useErrorText();
  const { api } = useServices();
  const [loading, setLoading] = useState(false);
  const download = async () => {
    setLoading(true);
    try {
      const { limit: _, ...rest } = query;
      const { data, error, response } = await api.GET("/api/v1/audit/export", {
        params: { query: rest },
        parseAs: "blob",
      });
      if (!data) throw toError(response.status, error);
      saveAs(`audit-${new Date().toISOString().slice(0, 10)}.csv`, data);
    } catch (error) {
      void message.error(errorText(error));
    } finally {
      setLoading(false);
    }
  };
  return (
    <Button icon={<DownloadOutlined aria-hidden />} loading={loading} onClick={() => void download()}>
      {t("audit.export")}
    </Button>
  );
}

function Rows({
  rows,
  loading,
  onPerson,
}: {
  rows: Row[];
  loading: boolean;
  onPerson: (id: string) => void;
}) {
  const { t } = useTranslation("trust");
  const { label, chosen } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  const action = useActionWords();
  const result = (code: string) => label("roles", chosen("audited_result", code));
  return (
    <Table<Row>
      rowKey="id"
      size="middle"
      pagination={false}
      scroll={{ x: "max-content" }}
      loading={loading}
      dataSource={rows}
      locale={{ emptyText: t("audit.empty") }}
      columns={[
        { title: t("accesses.columns.at"), render: (_, r) => format.moment(r.at, now) },
        {
          title: t("accesses.columns.person"),
          render: (_, r) => <PersonCell of={r} onPerson={onPerson} />,
        },
        { title: t("accesses.columns.role"), render: (_, r) => (r.role ? label("roles", r.role) : "–") },
        { title: t("accesses.columns.action"), render: (_, r) => action(r.action) },
        { title: t("audit.object"), render: (_, r) => r.object || "–" },
        {
          title: t("audit.result"),
          render: (_, r) =>
            r.result === "OK" ? (
              "–"
            ) : /_FAILED$|REVOKED|COPIED/.test(r.action) || r.result === "BREAK_GLASS" ? (
              <Tone kind="caution" icon={<WarningOutlined />}>
                {result(r.result)}
              </Tone>
            ) : (
              result(r.result)
            ),
        },
      ]}
    />
  );
}

interface Filters {
  limit: number;
  from?: string;
  to?: string;
  userId?: string;
  kind?: Kind;
  failed?: boolean;
}

function filters(search: URLSearchParams): Filters {
  const query: Filters = { limit: 50 };
  for (const name of ["from", "to", "userId"] as const) {
    const value = search.get(name);
    if (value) query[name] = value;
  }
  const kind = search.get("kind");
  if (kind === "ACCESS" || kind === "SECURITY" || kind === "WORK") query.kind = kind;
  if (search.get("failed")) query.failed = true;
  return query;
}
