import { PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, Progress, Segmented, Select, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { useMe } from "../auth/useSession";
import { DayPicker, dayAfter, useToday } from "../dates";
import { FormDialog } from "../dialog";
import { Due } from "./Due";
import styles from "./Goals.module.css";
import { GoalsShell } from "./GoalsShell";
import { type Finding, FindingDialog, StateTone } from "./Rectification";
import { type Scope, ScopeSelect, useScope } from "./ScopeSelect";

const views = {
  open: (f: Finding) => f.state !== "VERIFIED",
  overdue: (f: Finding) => f.overdue,
  verify: (f: Finding) => f.state === "DONE",
  closed: (f: Finding) => f.state === "VERIFIED",
} as const;
type View = keyof typeof views;

/** The ledger of what was found: who answers for it, by when, how far it is, and who confirms it. */
function RectificationsPage() {
  const { t } = useTranslation("goals");
  const [search, setSearch] = useSearchParams();
  const { scopes, scope } = useScope(search.get("org") ?? undefined);
  const list = useRead(
    "/api/v1/goals/rectifications",
    { query: scope ? { organisationId: scope.id } : {} },
    { enabled: scope !== undefined },
  );
  const view = (Object.keys(views) as View[]).find((v) => v === search.get("view")) ?? "open";
  const [entering, setEntering] = useState(false);
  const set = (changes: Record<string, string | undefined>) => {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) next.delete(name);
      else next.set(name, value);
    }
    setSearch(next, { replace: true });
  };
  const shown = search.get("id");
  return (
    <GoalsShell title={t("mend.title")} aside={<span className={styles.quiet}>{t("mend.note")}</span>}>
      <div className={styles.bar}>
        <ScopeSelect scopes={scopes} scope={scope} onChange={(org) => set({ org, id: undefined })} />
        <Segmented<View>
          aria-label={t("mend.show")}
          value={view}
          options={(Object.keys(views) as View[]).map((value) => ({
            value,
            label: `${t(`mend.views.${value}`)} ${(list.data ?? []).filter(views[value]).length}`,
          }))}
          onChange={(value) => set({ view: value })}
        />
        <Button
          className={styles.push}
          type="primary"
          icon={<PlusOutlined aria-hidden />}
          onClick={() => setEntering(true)}
        >
          {t("mend.enter")}
        </Button>
      </div>
      <Loaded query={list}>
        {(rows) => (
          <Ledger
            rows={rows.filter(views[view])}
            empty={t(rows.length === 0 ? "mend.none" : "mend.noneHere")}
            several={scope?.level !== "INSTITUTION"}
            onOpen={(id) => set({ id })}
          />
        )}
      </Loaded>
      {shown && (
        <FindingDialog
          key={shown}
          id={shown}
          onClose={() => set({ id: undefined })}
          onChanged={() => void list.refetch()}
        />
      )}
      {entering && scope && (
        <EnterFinding
          scopes={scopes}
          scope={scope}
          onClose={() => setEntering(false)}
          onEntered={(id) => {
            setEntering(false);
            void list.refetch();
            set({ id, view: undefined });
          }}
        />
      )}
    </GoalsShell>
  );
}

function Ledger({
  rows,
  empty,
  several,
  onOpen,
}: {
  rows: Finding[];
  empty: string;
  /** rows of more than one institution */
  several: boolean;
  onOpen: (id: string) => void;
}) {
  const { t } = useTranslation("goals");
  return (
    <Table<Finding>
      rowKey="id"
      size="middle"
      pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
      scroll={{ x: "max-content" }}
      dataSource={rows}
      locale={{ emptyText: empty }}
      columns={[
        {
          key: "number",
          title: t("mend.number"),
          render: (_, f) => (
            <Button type="link" size="small" className={styles.link} onClick={() => onOpen(f.id)}>
              {f.number}
            </Button>
          ),
        },
        ...(several
          ? [
              {
                key: "org",
                title: t("mend.organisation"),
                render: (_: unknown, f: Finding) => <span className={styles.some}>{f.organisation}</span>,
              },
            ]
          : []),
        {
          key: "finding",
          title: t("mend.finding"),
          render: (_, f) => (
            <span className={styles.finding}>
              <span>{f.finding}</span>
              <span className={styles.quiet}>
                {t(`category.${f.category as "STAFF"}`)} · {t(`mend.severities.${f.severity}`)} ·{" "}
                {t(`mend.levels.${f.foundByLevel}`)}
              </span>
            </span>
          ),
        },
        {
          key: "owner",
          title: t("mend.owner"),
          render: (_, f) => <span className={styles.some}>{f.owner}</span>,
        },
        {
          key: "due",
          title: t("mend.due"),
          render: (_, f) => <Due day={f.dueOn} open={f.state === "OPEN" || f.state === "WORKING"} />,
        },
        {
          key: "progress",
          title: t("mend.progressTitle"),
          render: (_, f) => (
            <Progress
              className={styles.progress}
              aria-label={t("mend.progress", { n: f.progress })}
              size="small"
              percent={f.progress}
              status="normal"
            />
          ),
        },
        { key: "state", title: t("mend.state"), render: (_, f) => <StateTone of={f} /> },
        {
          key: "act",
          render: (_, f) => (
            <Button
              size="small"
              type={f.verifiable ? "primary" : "default"}
              aria-description={f.number}
              onClick={() => onOpen(f.id)}
            >
              {t(f.verifiable ? "mend.verify" : f.editable ? "mend.work" : "mend.look")}
            </Button>
          ),
        },
      ]}
    />
  );
}

const categories = ["QUALIFICATION", "MEDICAL", "SYSTEM", "STAFF", "REMOTE", "INFECTION", "SAFETY"] as const;

/** A new finding: of the institution itself, or of an authority in one below. */
export function EnterFinding({
  scopes,
  scope,
  initial,
  onClose,
  onEntered,
}: {
  scopes: Scope[];
  scope: Scope;
  /** what is known of it already */
  initial?: { organisationId?: string; finding?: string; category?: (typeof categories)[number] };
  onClose: () => void;
  onEntered: (id: string) => void;
}) {
  const { t } = useTranslation("goals");
  const me = useMe();
  const today = useToday();
  const [form] = Form.useForm();
  const institutions = scopes.filter((s) => s.level === "INSTITUTION");
  const own = scope.level === "INSTITUTION" && scope.own;
  const enter = useCommand("post", "/api/v1/goals/rectifications", { onSuccess: ({ id }) => onEntered(id) });
  return (
    <FormDialog<Schemas["RectificationInput"]>
      width="wide"
      title={t("mend.enter")}
      act={t("mend.enterAct")}
      form={form}
      initial={{
        organisationId: scope.level === "INSTITUTION" ? scope.id : undefined,
        category: "MEDICAL",
        severity: "MINOR",
        dueOn: dayAfter(today, { days: 30 }),
        ...(own ? { owner: me.name } : {}),
        ...initial,
      }}
      busy={enter.isPending}
      error={enter.error}
      onClose={onClose}
      onSend={(body) => enter.mutate({ body })}
    >
      {!own && (
        <Form.Item
          name="organisationId"
          label={t("mend.organisation")}
          rules={[{ required: true, message: t("mend.needed") }]}
        >
          <Select
            showSearch={{ optionFilterProp: "label" }}
            options={institutions.map((s) => ({ value: s.id, label: s.name }))}
          />
        </Form.Item>
      )}
      <Form.Item name="category" label={t("mend.category")}>
        <Select options={categories.map((value) => ({ value, label: t(`category.${value}`) }))} />
      </Form.Item>
      <Form.Item name="severity" label={t("mend.severity")}>
        <Segmented
          options={(["MINOR", "MAJOR", "CRITICAL"] as const).map((value) => ({
            value,
            label: t(`mend.severities.${value}`),
          }))}
        />
      </Form.Item>
      <Form.Item name="owner" label={t("mend.owner")} rules={[{ required: true, message: t("mend.needed") }]}>
        <Input maxLength={50} />
      </Form.Item>
      <Form.Item name="dueOn" label={t("mend.due")} rules={[{ required: true, message: t("mend.needed") }]}>
        <DayPicker min={today} allowClear={false} />
      </Form.Item>
      <Form.Item
        className={styles.whole}
        name="finding"
        label={t("mend.finding")}
        rules={[{ required: true, whitespace: true, message: t("mend.needed") }]}
      >
        <Input.TextArea maxLength={2000} autoSize={{ minRows: 2, maxRows: 6 }} />
      </Form.Item>
      <Form.Item className={styles.whole} name="measure" label={t("mend.measure")}>
        <Input.TextArea maxLength={2000} autoSize={{ minRows: 2, maxRows: 6 }} />
      </Form.Item>
    </FormDialog>
  );
}

export { RectificationsPage as Component };
