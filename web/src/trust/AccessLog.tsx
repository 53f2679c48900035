import { WarningOutlined } from "@ant-design/icons";
import { Button, Checkbox, Select, Table } from "antd";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call, useCatalogue, useRead, useOlder } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import { PersonCell } from "./PersonCell";
import styles from "./Trust.module.css";
import { useActionWords } from "./useActionWords";
import { useFilters } from "./useFilters";
import { DayRangePicker } from "../dates";

type Row = Schemas["AccessRow"];

/** The log of accesses, with its filters in the address. */
export function AccessLog() {
  const { t } = useTranslation(["trust", "common"]);
  const { search, set, clear } = useFilters();
  const query = useMemo(() => filters(search), [search]);
  const first = useRead("/api/v1/accesses", { query }, { keepPrevious: true });
  const { api } = useServices();
  const older = useOlder(query, first.data?.next, (cursor) =>
    call(api, "get", "/api/v1/accesses", { query: { ...query, cursor } }),
  );
  const residents = useRead("/api/v1/residents");
  const people = useRead("/api/v1/users");
  return (
    <>
      <p className={styles.quiet}>{t("accesses.note")}</p>
      <div className={styles.line} role="search">
        <DayRangePicker
          aria-label={t("accesses.filters.period")}
          value={[query.from, query.to]}
          open
          onChange={([from, to]) => set({ from, to })}
        />
        <Select
          className={styles.filter}
          allowClear
          showSearch={{ optionFilterProp: "label" }}
          aria-label={t("accesses.filters.resident")}
          placeholder={t("accesses.filters.resident")}
          value={query.residentId ?? null}
          options={(residents.data ?? []).map((r) => ({
            value: r.id,
            label: `${r.name} ${t("accesses.bed", { bed: r.bed })}`,
          }))}
          onChange={(residentId) => set({ residentId: residentId ?? undefined })}
        />
        <Select
          className={styles.filter}
          allowClear
          showSearch={{ optionFilterProp: "label" }}
          aria-label={t("accesses.filters.person")}
          placeholder={t("accesses.filters.person")}
          value={query.userId ?? null}
          options={(people.data ?? []).map((u) => ({ value: u.id, label: u.name }))}
          onChange={(userId) => set({ userId: userId ?? undefined })}
        />
        <Checkbox
          checked={query.emergency ?? false}
          onChange={(event) => set({ emergency: event.target.checked ? "1" : undefined })}
        >
          {t("accesses.filters.emergency")}
        </Checkbox>
        {Object.keys(query).length > 1 && (
          <Button type="link" onClick={clear}>
            {t("accesses.filters.clear")}
          </Button>
        )}
      </div>
      <Loaded query={first}>
        {(page) => (
          <Accesses
            rows={[...page.rows, ...older.rows]}
            loading={first.isPlaceholderData}
            onPerson={(userId) => set({ userId })}
            onResident={(residentId) => set({ residentId })}
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
    </>
  );
}

function Accesses({
  rows,
  loading,
  onPerson,
  onResident,
}: {
  rows: Row[];
  loading: boolean;
  onPerson: (id: string) => void;
  onResident: (id: string) => void;
}) {
  const { t } = useTranslation("trust");
  const { label } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  const action = useActionWords();
  return (
    <Table<Row>
      rowKey="id"
      size="middle"
      pagination={false}
      scroll={{ x: "max-content" }}
      loading={loading}
      dataSource={rows}
      locale={{ emptyText: t("accesses.empty") }}
      columns={[
        { title: t("accesses.columns.at"), render: (_, r) => format.moment(r.at, now) },
        {
          title: t("accesses.columns.person"),
          render: (_, r) => <PersonCell of={r} onPerson={onPerson} />,
        },
        { title: t("accesses.columns.role"), render: (_, r) => label("roles", r.role) },
        {
          title: t("accesses.columns.action"),
          render: (_, r) => (
            <span className={styles.cell}>
              <span className={styles.line}>
                {action(r.action)}
                {r.emergency && (
                  <Tone kind="danger" icon={<WarningOutlined />}>
                    {t("accesses.emergencyMark")}
                  </Tone>
                )}
              </span>
              {r.serial && <Link to={`/log?q=${r.serial}`}>{r.serial}</Link>}
            </span>
          ),
        },
        {
          title: t("accesses.columns.resident"),
          render: (_, r) => (
            <span className={styles.cell}>
              <Button type="link" size="small" onClick={() => onResident(r.residentId)}>
                {r.residentName}
              </Button>
              {r.bed && <span className={styles.quiet}>{t("accesses.bed", { bed: r.bed })}</span>}
            </span>
          ),
        },
        {
          title: t("accesses.columns.reason"),
          render: (_, r) => <span className={styles.reason}>{r.reason ?? "–"}</span>,
        },
      ]}
    />
  );
}

interface Filters {
  limit: number;
  from?: string;
  to?: string;
  residentId?: string;
  userId?: string;
  emergency?: boolean;
}

function filters(search: URLSearchParams): Filters {
  const query: Filters = { limit: 50 };
  for (const name of ["from", "to", "residentId", "userId"] as const) {
    const value = search.get(name);
    if (value) query[name] = value;
  }
  if (search.get("emergency")) query.emergency = true;
  return query;
}
