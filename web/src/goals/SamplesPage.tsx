import { Button, Form, Input, InputNumber, Segmented, Select, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { useServerNow } from "../clock/useServerNow";
import { DayPicker, dayAfter, useToday } from "../dates";
import { FormDialog } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Goals.module.css";
import { GoalsShell } from "./GoalsShell";
import type { Kind } from "./query";
import { type Scope, ScopeSelect, useScope } from "./ScopeSelect";

type Sample = Schemas["Sample"];

const authorities = (scope: Scope) => scope.level !== "INSTITUTION";

/** Inspections by random samples: drawn with a seed that is kept, scored row by row, concluded. */
function SamplesPage() {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const now = useServerNow(60_000);
  const [search, setSearch] = useSearchParams();
  const { scopes, scope } = useScope(search.get("org") ?? undefined, authorities);
  const list = useRead(
    "/api/v1/goals/samples",
    { query: scope ? { organisationId: scope.id } : {} },
    { enabled: scope !== undefined },
  );
  const [drawing, setDrawing] = useState(false);
  return (
    <GoalsShell title={t("sample.title")} aside={<span className={styles.quiet}>{t("sample.note")}</span>}>
      <div className={styles.bar}>
        <ScopeSelect
          scopes={scopes}
          scope={scope}
          onChange={(org) => setSearch({ org }, { replace: true })}
        />
        {scope?.own && (
          <Button className={styles.push} type="primary" onClick={() => setDrawing(true)}>
            {t("sample.draw")}
          </Button>
        )}
      </div>
      <Loaded query={list}>
        {(rows) => (
          <Table<Sample>
            rowKey="id"
            size="middle"
            pagination={rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
            scroll={{ x: "max-content" }}
            dataSource={rows}
            locale={{ emptyText: t("sample.none") }}
            columns={[
              {
                key: "purpose",
                title: t("sample.purpose"),
                render: (_, s) => (
                  <span className={styles.finding}>
                    <Link to={`/goals/samples/${s.id}`}>{s.purpose}</Link>
                  </span>
                ),
              },
              {
                key: "subject",
                title: t("sample.subject"),
                render: (_, s) => <span className={styles.some}>{s.subject}</span>,
              },
              { key: "period", title: t("sample.period"), render: (_, s) => s.label },
              {
                key: "size",
                title: t("sample.drawn"),
                align: "right",
                render: (_, s) => `${format.number(s.drawn)} / ${format.number(s.population)}`,
              },
              {
                key: "by",
                title: t("sample.by"),
                render: (_, s) => `${s.drawnBy} ${format.moment(s.drawnAt, now)}`,
              },
              {
                key: "mean",
                title: t("sample.mean"),
                align: "right",
                render: (_, s) => (s.mean === undefined ? t("figure.none") : format.number(s.mean, 1)),
              },
              { key: "state", title: t("sample.state"), render: (_, s) => <SampleState of={s} /> },
            ]}
          />
        )}
      </Loaded>
      {drawing && scope && <Draw authority={scope} onClose={() => setDrawing(false)} />}
    </GoalsShell>
  );
}

export function SampleState({ of }: { of: Sample }) {
  const { t } = useTranslation("goals");
  if (of.concludedAt)
    return (
      <Tone kind="good" icon="✓">
        {t("sample.concluded")}
      </Tone>
    );
  return (
    <Tone kind={of.scored === of.drawn ? "caution" : "primary"}>
      {of.scored === of.drawn ? t("sample.toConclude") : t("sample.scored", { n: of.scored, of: of.drawn })}
    </Tone>
  );
}

interface Asked {
  subjectId: string;
  kind: Kind;
  day: string;
  size: number;
  seed?: string;
  purpose: string;
}

function Draw({ authority, onClose }: { authority: Scope; onClose: () => void }) {
  const { t } = useTranslation("goals");
  const navigate = useNavigate();
  const today = useToday();
  const { scopes } = useScope(undefined);
  const [form] = Form.useForm();
  const draw = useCommand("post", "/api/v1/goals/samples", {
    onSuccess: ({ id }) => void navigate(`/goals/samples/${id}`),
  });
  const unit = { M: "month", Q: "quarter", Y: "year" } as const;
  const kind = (Form.useWatch("kind", form) as Kind | undefined) ?? "Q";
  return (
    <FormDialog<Asked>
      width="wide"
      title={t("sample.draw")}
      act={t("sample.drawAct")}
      form={form}
      initial={{
        subjectId: authority.id,
        kind: "Q",
        day: dayAfter(today, { months: -3 }),
        size: 20,
      }}
      busy={draw.isPending}
      error={draw.error}
      onClose={onClose}
      onSend={({ seed, day, ...asked }) =>
        draw.mutate({
          body: {
            organisationId: authority.id,
            ...asked,
            day: day.length === 7 ? `${day}-01` : day,
            ...(seed?.trim() ? { seed: seed.trim() } : {}),
          },
        })
      }
    >
      <Form.Item name="subjectId" label={t("sample.subject")}>
        <Select
          showSearch={{ optionFilterProp: "label" }}
          options={scopes.map((s) => ({ value: s.id, label: s.name }))}
        />
      </Form.Item>
      <Form.Item
        name="purpose"
        label={t("sample.purpose")}
        rules={[{ required: true, min: 2, whitespace: true, message: t("mend.needed") }]}
      >
        <Input maxLength={200} placeholder={t("sample.purposeHint")} />
      </Form.Item>
      <Form.Item name="kind" label={t("kindLabel")}>
        <Segmented
          options={(["M", "Q", "Y"] as const).map((value) => ({ value, label: t(`kind.${value}`) }))}
        />
      </Form.Item>
      <Form.Item name="day" label={t("period")}>
        <DayPicker unit={unit[kind]} allowClear={false} />
      </Form.Item>
      <Form.Item name="size" label={t("sample.size")} rules={[{ required: true, message: t("mend.needed") }]}>
        <InputNumber min={1} max={500} precision={0} />
      </Form.Item>
      <Form.Item
        name="seed"
        label={t("sample.seed")}
        extra={t("sample.seedHint")}
        rules={[{ pattern: /^[0-9]{1,18}$/, message: t("sample.seedWrong") }]}
      >
        <Input maxLength={18} inputMode="numeric" placeholder={t("sample.seedNone")} />
      </Form.Item>
    </FormDialog>
  );
}

export { SamplesPage as Component };
