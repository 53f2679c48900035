import { PlusOutlined } from "@ant-design/icons";
import { App, Button, InputNumber, Table, Tabs } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand, useErrorText, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { hasRole, useMe } from "../auth/useSession";
import { Tone, UrgencyTag } from "../theme";
import { useToday } from "../dates";
import { useFormat } from "../i18n/useFormat";
import { AgreementEnd } from "./AgreementEnd";
import { AgreementForm } from "./AgreementForm";
import styles from "./Admin.module.css";
import { FactorRules } from "./FactorRules";
import { OrganisationForm } from "./OrganisationForm";
import { Expiries } from "./organisation/Expiries";
import { Ends } from "./organisation/Ends";
import { OrganisationDialog } from "./organisation/OrganisationDialog";
import { Link, useSearchParams } from "react-router";

/** Organisations, agreements and targets: what decides which service is possible. */
function SystemPage() {
  const { t } = useTranslation(["admin", "common"]);
  const me = useMe();
  const [search, setSearch] = useSearchParams();
  const isSystem = hasRole(me, "SYS_ADMIN");
  // A security administrator decides who has to use a second factor, and nothing else here.
  const others = hasRole(me, "SYS_ADMIN", "INST_ADMIN");
  return (
    <Page title={t("system.organisations")}>
      <Tabs
        activeKey={search.get("tab") ?? "organisations"}
        onChange={(tab) => setSearch({ tab }, { replace: true })}
        items={[
          {
            key: "organisations",
            label: t("system.organisations"),
            children: <Organisations mayAdd={isSystem} />,
          },
          ...(others
            ? [
                {
                  key: "expiries",
                  label: t("expiries.tab"),
                  children: (
                    <Expiries
                      onOpen={(open) => setSearch({ tab: "organisations", open }, { replace: true })}
                    />
                  ),
                },
                {
                  key: "agreements",
                  label: t("system.agreements"),
                  children: <Agreements mayAdd={isSystem} />,
                },
                { key: "targets", label: t("system.targets"), children: <Targets mayChange={isSystem} /> },
              ]
            : []),
        ]}
      />
    </Page>
  );
}

function Organisations({ mayAdd }: { mayAdd: boolean }) {
  const { t } = useTranslation(["admin", "common"]);
  const { label } = useCatalogue();
  const me = useMe();
  const organisations = useRead("/api/v1/organisations");
  const [adding, setAdding] = useState(false);
  const [search, setSearch] = useSearchParams();
  const opened = organisations.data?.find((o) => o.id === search.get("open"));
  const open = (id: string | undefined) =>
    setSearch({ tab: "organisations", ...(id ? { open: id } : {}) }, { replace: true });
  const mayRule = (o: Schemas["Organisation"]) =>
    hasRole(me, "SEC_ADMIN") ||
    me.memberships.some((m) => m.role === "INST_ADMIN" && m.organisationId === o.id);
  return (
    <div className={styles.stack}>
      {mayAdd && (
        <div className={styles.filters}>
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
            {t("system.addOrganisation")}
          </Button>
          <Link to="/goals/imports">{t("system.importOrganisations")}</Link>
        </div>
      )}
      <Loaded query={organisations}>
        {(rows) => (
          <Table<Schemas["Organisation"]>
            rowKey="id"
            size="middle"
            pagination={false}
            scroll={{ x: "max-content" }}
            dataSource={rows}
            locale={{ emptyText: t("system.empty") }}
            columns={[
              {
                title: t("system.name"),
                render: (_, o) => (
                  <Button type="link" className={styles.opener ?? ""} onClick={() => open(o.id)}>
                    {o.name}
                  </Button>
                ),
              },
              { title: t("system.kind"), render: (_, o) => t(`system.kinds.${o.kind}`) },
              { title: t("system.type"), render: (_, o) => label("institutionTypes", o.typeCode) },
              {
                title: t("factors.column"),
                render: (_, o) => (
                  <FactorRules of={o} mayChange={mayRule(o)} onChanged={() => void organisations.refetch()} />
                ),
              },
              { title: t("system.region"), render: (_, o) => label("divisions", o.regionCode) },
              { title: t("system.creditCode"), dataIndex: "creditCode" },
              {
                title: t("system.parent"),
                render: (_, o) => rows.find((p) => p.id === o.reportingParentId)?.name ?? "–",
              },
              {
                title: t("system.licences"),
                render: (_, o) =>
                  o.licences.length
                    ? o.licences.map((l) => (
                        <div key={`${l.kind} ${l.number}`}>
                          {t(`system.licenceKinds.${l.kind}`)} {l.number}
                        </div>
                      ))
                    : t("system.noLicence"),
              },
              {
                title: t("organisation.sites"),
                render: (_, o) =>
                  o.practiceSites
                    .map((s) => (o.kind === "CARE" ? s.medicalOrgName : s.careOrgName))
                    .join(t("organisation.separator")) || "–",
              },
              { title: t("system.phone"), dataIndex: "phone" },
            ]}
          />
        )}
      </Loaded>
      {opened && (
        <OrganisationDialog
          of={opened}
          organisations={organisations.data ?? []}
          mayChange={mayAdd}
          onChanged={() => void organisations.refetch()}
          onClose={() => open(undefined)}
        />
      )}
      <OrganisationForm
        open={adding}
        organisations={organisations.data ?? []}
        onClose={() => setAdding(false)}
        onCreated={() => {
          setAdding(false);
          void organisations.refetch();
        }}
      />
    </div>
  );
}

function Agreements({ mayAdd }: { mayAdd: boolean }) {
  const { t } = useTranslation(["admin", "common"]);
  const { labels } = useCatalogue();
  const format = useFormat();
  const me = useMe();
  const today = useToday();
  const agreements = useRead("/api/v1/agreements");
  const organisations = useRead("/api/v1/organisations");
  const [adding, setAdding] = useState(false);
  return (
    <div className={styles.stack}>
      {mayAdd && (
        <div>
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
            {t("system.addAgreement")}
          </Button>
        </div>
      )}
      <Loaded query={agreements}>
        {(rows) => (
          <Table<Schemas["Agreement"]>
            rowKey="id"
            size="middle"
            pagination={false}
            scroll={{ x: "max-content" }}
            dataSource={rows}
            locale={{ emptyText: t("system.empty") }}
            expandable={{
              expandedRowRender: renderClauses,
            }}
            columns={[
              { title: t("system.number"), dataIndex: "number" },
              { title: t("system.inviting"), dataIndex: "invitingOrgName" },
              { title: t("system.invited"), dataIndex: "invitedOrgName" },
              {
                title: t("system.services"),
                render: (_, a) => labels("serviceTypes", a.serviceTypes).join("、"),
              },
              {
                title: t("system.departments"),
                render: (_, a) => labels("departments", a.departmentCodes).join("、"),
              },
              {
                title: t("system.validity"),
                render: (_, a) => (
                  <span className={styles.tags}>
                    <Ends from={a.validFrom} to={a.validTo} />
                    {a.terminatedOn && (
                      <span>
                        {t("system.terminatedOn", { day: format.day(a.terminatedOn, new Date(0)) })}
                      </span>
                    )}
                    <Tone kind={a.inForce ? "good" : "muted"}>
                      {a.inForce ? t("system.inForce") : t("system.notInForce")}
                    </Tone>
                  </span>
                ),
              },
              {
                key: "acts",
                render: (_, a) =>
                  !a.terminatedOn &&
                  a.validTo >= today &&
                  me.memberships.some(
                    (m) =>
                      m.role === "INST_ADMIN" &&
                      (m.organisationId === a.invitingOrgId || m.organisationId === a.invitedOrgId),
                  ) && <AgreementEnd of={a} onDone={() => void agreements.refetch()} />,
              },
            ]}
          />
        )}
      </Loaded>
      <AgreementForm
        open={adding}
        organisations={organisations.data ?? []}
        onClose={() => setAdding(false)}
        onCreated={() => {
          setAdding(false);
          void agreements.refetch();
        }}
      />
    </div>
  );
}

type Agreement = Schemas["Agreement"];

const renderClauses = (a: Agreement) => <Clauses of={a} />;

function Clauses({ of }: { of: Agreement }) {
  const { t } = useTranslation("admin");
  return (
    <dl className={styles.facts}>
      {(["purpose", "conditions", "content", "process", "rights", "liability"] as const).map((c) => (
        <div key={c} className={styles.fact}>
          <dt>{t(`system.clauses.${c}`)}</dt>
          <dd className={styles.text}>{of.clauses[c]}</dd>
        </div>
      ))}
    </dl>
  );
}

function Targets({ mayChange }: { mayChange: boolean }) {
  const { t } = useTranslation(["admin", "common"]);
  const { message } = App.useApp();
  const errorText = useErrorText();
  const targets = useRead("/api/v1/urgency-targets");
  const set = useCommand("put", "/api/v1/urgency-targets", {
    onSuccess: () => void targets.refetch(),
    onError: (error) => {
      void message.error(errorText(error));
      void targets.refetch();
    },
  });
  type Target = Schemas["UrgencyTarget"];
  const minutes = (target: Target, field: "acceptSeconds" | "reportSeconds", name: string) => (
    <InputNumber
      key={`${target.revision}`}
      aria-label={name}
      min={1}
      max={10080}
      precision={0}
      disabled={!mayChange || set.isPending}
      defaultValue={target[field] === undefined ? undefined : target[field] / 60}
      suffix={t("system.minutes")}
      onBlur={(e) => {
        const value = Number(e.target.value);
        if (value > 0 && value * 60 !== target[field])
          set.mutate({ body: { ...target, [field]: value * 60 } });
      }}
    />
  );
  return (
    <Loaded query={targets}>
      {(rows) => (
        <Table<Target>
          rowKey="urgency"
          size="middle"
          pagination={false}
          dataSource={rows}
          columns={[
            { title: t("log.columns.urgency"), render: (_, r) => <UrgencyTag urgency={r.urgency} /> },
            {
              title: t("system.acceptWithin"),
              render: (_, r) =>
                r.urgency === "SCHEDULED" ? "–" : minutes(r, "acceptSeconds", t("system.acceptWithin")),
            },
            {
              title: t("system.reportWithin"),
              render: (_, r) => minutes(r, "reportSeconds", t("system.reportWithin")),
            },
          ]}
        />
      )}
    </Loaded>
  );
}

export { SystemPage as Component };
