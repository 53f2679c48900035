import { PlusOutlined } from "@ant-design/icons";
import { Button, Input, Radio, Table, Tabs } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useCatalogue, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { hasRole, useMe } from "../auth/useSession";
import { useDay } from "../i18n/useDay";
import { useFormat } from "../i18n/useFormat";
import { ContractDialog } from "./ContractDialog";
import { Coverage } from "./Coverage";
import { Intervals } from "./Intervals";
import styles from "./Panel.module.css";
import { type Contract, ContractState, Groups } from "./parts";
import { Teams } from "./Teams";

/** The contracts, how they cover the institutions, and what an administrator sets up for them. */
function ContractsPage() {
  const { t } = useTranslation("panel");
  const me = useMe();
  const navigate = useNavigate();
  const [search, setSearch] = useSearchParams();
  const [adding, setAdding] = useState(false);
  const medical = me.memberships.some((m) => m.role === "INST_ADMIN" && m.organisationKind === "MEDICAL");
  const admin = hasRole(me, "INST_ADMIN");
  const doctor = hasRole(me, "FAMILY_DOCTOR");
  const teams = useRead("/api/v1/fd-teams");
  const own = (teams.data ?? []).filter((team) => team.mine);
  return (
    <Page
      title={t("contracts.title")}
      actions={
        own.length > 0 && (
          <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setAdding(true)}>
            {t("contract.new")}
          </Button>
        )
      }
    >
      <Tabs
        activeKey={search.get("tab") ?? "list"}
        onChange={(tab) => setSearch(tab === "list" ? {} : { tab }, { replace: true })}
        items={[
          { key: "list", label: t("contracts.list"), children: <List masked={own.length === 0 && admin} /> },
          ...(admin || doctor
            ? [{ key: "coverage", label: t("contracts.coverage"), children: <Coverage /> }]
            : []),
          ...(medical ? [{ key: "teams", label: t("contracts.teams"), children: <Teams /> }] : []),
          ...(doctor || medical
            ? [{ key: "intervals", label: t("contracts.intervals"), children: <Intervals /> }]
            : []),
        ]}
      />
      {adding && (
        <ContractDialog
          teams={own}
          onClose={() => setAdding(false)}
          onDone={(made) => void navigate(`/contracts/${made.id}`)}
        />
      )}
    </Page>
  );
}
export { ContractsPage as Component };

/** Where the work is: what is to be signed, renewed or in force. */
const active = new Set(["DRAFT", "PENDING", "IN_FORCE", "EXPIRING"]);

function List({ masked }: { masked: boolean }) {
  const { t } = useTranslation("panel");
  const { choices } = useCatalogue();
  const format = useFormat();
  const day = useDay();
  const [search, setSearch] = useSearchParams();
  const state = search.get("state") ?? "ACTIVE";
  const words = search.get("q") ?? "";
  const list = useRead("/api/v1/fd-contracts");
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(search);
    if (value) next.set(name, value);
    else next.delete(name);
    setSearch(next, { replace: true });
  };
  return (
    <Loaded query={list}>
      {(all) => {
        const rows = all.filter(
          (c) =>
            (state === "ALL" || (state === "ACTIVE" ? active.has(c.state) : c.state === state)) &&
            (!words || `${c.residentName} ${c.number} ${c.home}`.includes(words.trim())),
        );
        const expiring = all.filter((c) => c.state === "EXPIRING").length;
        return (
          <div className={styles.stack}>
            <div className={styles.filters}>
              <Radio.Group
                optionType="button"
                aria-label={t("contracts.state")}
                value={state}
                onChange={(event) => set("state", String(event.target.value))}
                options={[
                  { value: "ACTIVE", label: t("contracts.active") },
                  ...choices("fd_contract_state").filter((o) =>
                    ["DRAFT", "EXPIRING", "EXPIRED", "TERMINATED"].includes(o.value),
                  ),
                  { value: "ALL", label: t("contracts.all") },
                ]}
              />
              <Input.Search
                className={styles.search ?? ""}
                allowClear
                aria-label={t("contracts.search")}
                placeholder={t("contracts.search")}
                defaultValue={words}
                onChange={(event) => set("q", event.target.value)}
              />
              {expiring > 0 && <span>{t("contracts.expiring", { n: expiring })}</span>}
            </div>
            {masked && <p className={styles.quiet}>{t("contracts.masked")}</p>}
            <Table<Contract>
              rowKey="id"
              size="middle"
              pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
              scroll={{ x: "max-content" }}
              dataSource={rows}
              locale={{ emptyText: t("contract.none") }}
              columns={[
                {
                  key: "number",
                  title: t("contract.number"),
                  fixed: "left",
                  render: (_, c) => <Link to={`/contracts/${c.id}`}>{c.number}</Link>,
                },
                {
                  key: "state",
                  title: t("contracts.state"),
                  render: (_, c) => <ContractState state={c.state} />,
                },
                {
                  key: "resident",
                  title: t("contract.resident"),
                  render: (_, c) => (
                    <>
                      {c.residentName}{" "}
                      <span className={styles.quiet}>
                        {format.sex(c.sex)} {format.age(c.age)}
                      </span>
                    </>
                  ),
                },
                {
                  key: "home",
                  title: t("contracts.home"),
                  render: (_, c) => `${c.home} ${masked ? "" : c.bed}`,
                },
                {
                  key: "ends",
                  title: t("contract.ends"),
                  render: (_, c) => (
                    <>
                      {day(c.endsOn)}
                      {c.daysLeft !== undefined && c.state === "EXPIRING" && (
                        <span className={styles.quiet}> {t("contract.left", { n: c.daysLeft })}</span>
                      )}
                    </>
                  ),
                },
                { key: "groups", title: t("panel.groups"), render: (_, c) => <Groups codes={c.groups} /> },
                { key: "team", title: t("contract.team"), render: (_, c) => c.team },
              ]}
            />
          </div>
        );
      }}
    </Loaded>
  );
}
