import { DownloadOutlined, SettingOutlined } from "@ant-design/icons";
import { Button, Checkbox, Empty, Input, Popover, Select, Skeleton, Table, type TableProps } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import {
  call,
  type LogRow,
  type State,
  type Urgency,
  useCatalogue,
  useCommand,
  useErrorText,
  useRead,
  useOlder,
} from "../api";
import { useMe } from "../auth/useSession";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Notice, Tone, UrgencyTag } from "../theme";
import { Refused } from "../dialog";
import styles from "./Admin.module.css";
import { Evidence } from "./Evidence";
import { StateTag } from "./StateTag";
import { DayRangePicker } from "../dates";
import { dayAfter, useToday } from "../dates";

const optionalColumns = [
  "urgency",
  "resident",
  "institution",
  "hospital",
  "department",
  "doctor",
  "nurse",
  "reasons",
  "service",
  "diagnosis",
  "outcome",
  "wait",
  "effective",
  "evidence",
  "countable",
] as const;
type Column = (typeof optionalColumns)[number];
const usualColumns: Column[] = [
  "urgency",
  "resident",
  "institution",
  "doctor",
  "reasons",
  "wait",
  "effective",
  "evidence",
  "countable",
];
const stored = "lz-log-columns";

function rememberedColumns(): Column[] {
  try {
    const known: unknown = JSON.parse(localStorage.getItem(stored) ?? "null");
    if (Array.isArray(known)) return optionalColumns.filter((c) => known.includes(c));
  } catch {
    // what was stored is not ours: the usual columns
  }
  return usualColumns;
}

/** The consultation log: filters as sentences in the address, columns chosen and remembered, a row opens its evidence. */
function LogPage() {
  const { t } = useTranslation(["admin", "common", "rules"]);
  const [search, setSearch] = useSearchParams();
  const catalogue = useCatalogue();
  const errorText = useErrorText();
  const [columns, setColumns] = useState(rememberedColumns);
  const query = useMemo(() => filters(search), [search]);
  const first = useRead("/api/v1/consultations", { query }, { keepPrevious: true });
  const { api } = useServices();
  const older = useOlder(query, first.data?.next, (cursor) =>
    call(api, "get", "/api/v1/consultations", { query: { ...query, cursor } }),
  );

  const set = (name: string, values: string[]) => {
    const next = new URLSearchParams(search);
    next.delete(name);
    for (const value of values) if (value) next.append(name, value);
    setSearch(next, { replace: true });
  };
  const reasons = catalogue
    .choices("count_rule")
    .map(({ value, label }) => ({ value, label: `${value} ${label}` }));
  const table = useColumns(columns);
  const today = useToday();
  // What is searched for is never part of the address.
  const [words, setWords] = useState("");
  const find = useCommand("post", "/api/v1/consultations/search");
  const found = words && find.data ? find.data : undefined;
  const lookFor = (text: string) => {
    setWords(text);
    if (!text) return find.reset();
    find.mutate({
      body: {
        text,
        from: query.from ?? dayAfter(today, { days: -90 }),
        to: query.to ?? today,
        limit: 200,
        ...(query.state ? { state: query.state } : {}),
        ...(query.serviceType ? { serviceType: query.serviceType } : {}),
      },
    });
  };
  const rows = found ? found.rows : [...(first.data?.rows ?? []), ...older.rows];

  return (
    <section className={styles.page} aria-labelledby="log-title">
      <header className={styles.head}>
        <h1 id="log-title">{t("log.title")}</h1>
        <p className={styles.quiet}>{t("log.note")}</p>
        <span className={styles.count}>
          {first.data && t(first.data.totalExceeded ? "log.countMore" : "log.count", { n: first.data.total })}
        </span>
      </header>
      <div className={styles.filters} role="search">
        <DayRangePicker
          aria-label={t("log.filters.period")}
          value={[query.from, query.to]}
          open
          onChange={(range) => {
            const next = new URLSearchParams(search);
            for (const [i, name] of (["from", "to"] as const).entries()) {
              const day = range[i];
              if (day) next.set(name, day);
              else next.delete(name);
            }
            setSearch(next, { replace: true });
          }}
        />
        <Choice
          label={t("log.filters.state")}
          value={query.state ?? []}
          options={catalogue.options("states")}
          onChange={(v) => set("state", v)}
        />
        <Choice
          label={t("log.filters.urgency")}
          value={query.urgency ?? []}
          options={catalogue.options("urgencies")}
          onChange={(v) => set("urgency", v)}
        />
        <Choice
          label={t("log.filters.service")}
          value={query.serviceType ?? []}
          options={catalogue.options("serviceTypes")}
          onChange={(v) => set("serviceType", v)}
        />
        <Select
          className={styles.choice}
          allowClear
          aria-label={t("rules:count.filter.any")}
          placeholder={t("rules:count.filter.any")}
          value={query.countable ?? null}
          options={(["YES", "NO", "OPEN"] as const).map((v) => ({
            value: v,
            label: t(`rules:count.filter.${v}`),
          }))}
          onChange={(v) => set("countable", v ? [v] : [])}
        />
        <Choice
          label={t("rules:count.rule.any")}
          value={query.countRule ?? []}
          options={reasons}
          onChange={(v) => set("countRule", v)}
        />
        <Input.Search
          className={styles.serial}
          aria-label={t("log.filters.serial")}
          placeholder={t("log.filters.serial")}
          allowClear
          maxLength={40}
          defaultValue={query.q}
          onSearch={(q) => set("q", [q.trim()])}
        />
        <Input.Search
          className={styles.serial}
          aria-label={t("log.search.label")}
          placeholder={t("log.search.label")}
          allowClear
          maxLength={60}
          loading={find.isPending}
          onSearch={(text) => {
            const asked = text.trim();
            if (asked.length !== 1) lookFor(asked);
          }}
        />
        {[...search.keys()].length > 0 && (
          <Button type="link" onClick={() => setSearch({}, { replace: true })}>
            {t("log.filters.clear")}
          </Button>
        )}
        <ExportLog query={query} />
        <Popover
          trigger="click"
          placement="bottomRight"
          content={
            <Checkbox.Group
              className={styles.columns}
              value={columns}
              options={optionalColumns.map((c) => ({ value: c, label: t(`log.columns.${c}`) }))}
              onChange={(chosen) => {
                const next = optionalColumns.filter((c) => chosen.includes(c));
                localStorage.setItem(stored, JSON.stringify(next));
                setColumns(next);
              }}
            />
          }
        >
          <Button icon={<SettingOutlined />}>{t("log.columns.choose")}</Button>
        </Popover>
      </div>
      <Refused error={find.error} />
      {found && (
        <div role="status">
          <Notice kind="primary" more={t("log.search.scope")}>
            {t(found.more ? "log.search.more" : "log.search.found", {
              words,
              n: found.rows.length,
              searched: found.searched,
            })}
          </Notice>
        </div>
      )}
      {first.isError ? (
        <Empty description={errorText(first.error)}>
          <Button onClick={() => void first.refetch()}>{t("common:actions.retry")}</Button>
        </Empty>
      ) : first.isPending ? (
        <Skeleton active paragraph={{ rows: 8 }} />
      ) : (
        <Table<LogRow>
          rowKey="id"
          size="middle"
          columns={table}
          dataSource={rows}
          pagination={false}
          scroll={{ x: "max-content" }}
          loading={first.isPlaceholderData}
          locale={{
            emptyText: (
              <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("log.empty")}>
                <p className={styles.quiet}>{t("log.emptyHint")}</p>
              </Empty>
            ),
          }}
        />
      )}
      {older.next && !found && (
        <div className={styles.more}>
          <Button loading={older.loading} onClick={older.load}>
            {t("log.earlier")}
          </Button>
        </div>
      )}
    </section>
  );
}

/** What is seen, as a sheet: with the same filters and in the name of who asks. It waits under returns and exports. */
function ExportLog({ query }: { query: Filters }) {
  const { t } = useTranslation("goals");
  const me = useMe();
  const navigate = useNavigate();
  const errorText = useErrorText();
  const today = useToday();
  const ask = useCommand("post", "/api/v1/goals/exports");
  if (!me.memberships.some((m) => m.role === "INST_ADMIN")) return null;
  const { limit: _, ...log } = query;
  return (
    <Button
      icon={<DownloadOutlined />}
      loading={ask.isPending}
      title={ask.error ? errorText(ask.error) : undefined}
      danger={ask.isError}
      onClick={() =>
        ask.mutate(
          {
            body: {
              sheet: "LOG",
              format: "xlsx",
              kind: "Y",
              day: today,
              params: { log },
            },
          },
          { onSuccess: () => void navigate("/goals/returns") },
        )
      }
    >
      {t("exports.ask")}
    </Button>
  );
}

interface Filters {
  from?: string;
  to?: string;
  state?: State[];
  urgency?: Urgency[];
  serviceType?: string[];
  countable?: "YES" | "NO" | "OPEN";
  countRule?: string[];
  q?: string;
  limit: number;
}

/** The filters that an address names; the server refuses what is no filter. */
function filters(search: URLSearchParams): Filters {
  const one = (name: string) => search.get(name) ?? undefined;
  const many = (name: string) => (search.has(name) ? search.getAll(name) : undefined);
  const all = {
    from: one("from"),
    to: one("to"),
    state: many("state"),
    urgency: many("urgency"),
    serviceType: many("serviceType"),
    countable: one("countable"),
    countRule: many("countRule"),
    q: one("q"),
  };
  return { ...Object.fromEntries(Object.entries(all).filter(([, v]) => v !== undefined)), limit: 50 };
}

function Choice(props: {
  label: string;
  value: string[];
  options: { value: string; label: string }[];
  onChange: (value: string[]) => void;
}) {
  return (
    <Select
      className={styles.choice}
      mode="multiple"
      allowClear
      maxTagCount="responsive"
      aria-label={props.label}
      placeholder={props.label}
      value={props.value}
      options={props.options}
      optionFilterProp="label"
      onChange={props.onChange}
    />
  );
}

function useColumns(shown: Column[]): NonNullable<TableProps<LogRow>["columns"]> {
  const { t } = useTranslation(["admin", "common"]);
  const format = useFormat();
  const now = useServerNow();
  const { label, labels } = useCatalogue();
  const cells: Record<Column, (row: LogRow) => React.ReactNode> = {
    urgency: (r) => <UrgencyTag urgency={r.urgency} />,
    resident: (r) => `${r.residentName} ${format.sex(r.sex)} ${format.age(r.age)} ${r.bed}`,
    institution: (r) => r.institution,
    hospital: (r) => r.hospital,
    department: (r) => r.department,
    doctor: (r) => r.doctor,
    nurse: (r) => r.nurse,
    reasons: (r) => labels("reasons", r.reasons).join("、"),
    service: (r) => label("serviceTypes", r.serviceType),
    diagnosis: (r) => r.diagnosis,
    outcome: (r) => label("outcomes", r.outcome),
    wait: (r) => (r.waitSeconds === undefined ? "–" : format.span(r.waitSeconds)),
    effective: (r) => (r.effectiveSeconds ? format.span(r.effectiveSeconds) : "–"),
    evidence: (r) => <Evidence row={r} />,
    countable: (r) => <Counts row={r} />,
  };
  return [
    {
      key: "serial",
      title: t("log.columns.serial"),
      fixed: "left",
      render: (_, r) => (
        <Link
          to={`/consultations/${r.id}`}
          aria-label={t("log.open", { serial: r.serial })}
          className={styles.serialLink}
        >
          {r.serial}
        </Link>
      ),
    },
    { key: "created", title: t("log.columns.created"), render: (_, r) => format.moment(r.createdAt, now) },
    {
      key: "state",
      title: t("log.columns.state"),
      render: (_, r) => (
        <span className={styles.tags}>
          <StateTag state={r.state} />
          {r.drill && <Tone kind="muted">{t("log.drill")}</Tone>}
        </span>
      ),
    },
    // Whether a row counts and has its proofs is what the log is read for: they stand first, in view on every width, and cover nothing.
    ...inOrder
      .filter((c) => shown.includes(c))
      .map((c) => ({
        key: c,
        title: t(`log.columns.${c}`),
        render: (_: unknown, r: LogRow) => cells[c](r),
      })),
  ];
}

const leading: readonly Column[] = ["countable", "evidence"];
const inOrder = [...leading, ...optionalColumns.filter((c) => !leading.includes(c))];

/** 可计入, or why not. */
function Counts({ row }: { row: LogRow }) {
  const { t } = useTranslation(["rules", "common"]);
  const { chosen } = useCatalogue();
  if (row.countable === undefined) return "–";
  if (row.countable) return <Tone kind="good">{t("rules:count.yes")}</Tone>;
  return (
    <span className={styles.tags}>
      <Tone kind="danger">{t("rules:count.no")}</Tone>
      <span className={styles.quiet}>
        {row.countRules?.map((rule) => chosen("count_rule", rule)).join(t("common:separator"))}
      </span>
    </span>
  );
}

export { LogPage as Component };
