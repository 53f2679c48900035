import { Button, Form, InputNumber, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { FormDialog } from "../dialog";
import { useLanguage } from "../i18n/useLanguage";
import { useSourceWords } from "../i18n/useSourceWords";
import { Tone } from "../theme";
import styles from "./Panel.module.css";

type Interval = Schemas["PlanInterval"];

/** Every plan with its interval and where it comes from; an administrator sets another for the institution. */
export function Intervals() {
  const { t } = useTranslation("panel");
  const english = useLanguage() === "en";
  const sourceOf = useSourceWords();
  const list = useRead("/api/v1/plan-intervals");
  const [changing, setChanging] = useState<Interval>();
  const name = (i: Interval) => (english ? i.en : i.zh);
  return (
    <Loaded query={list}>
      {(rows) => (
        <div className={styles.stack}>
          <p className={styles.quiet}>{t("intervals.hint")}</p>
          <Table<Interval>
            rowKey="plan"
            size="middle"
            pagination={false}
            scroll={{ x: "max-content" }}
            dataSource={rows}
            columns={[
              { key: "plan", title: t("intervals.plan"), render: (_, i) => name(i) },
              {
                key: "days",
                title: t("intervals.days"),
                render: (_, i) => (
                  <span className={styles.line}>
                    <strong>{t("panel.every", { n: i.days })}</strong>
                    {i.revision > 0 && <Tone kind="primary">{t("intervals.own")}</Tone>}
                    <span className={styles.quiet}>{t("intervals.documented", { n: i.documented })}</span>
                  </span>
                ),
              },
              {
                key: "source",
                title: t("intervals.source"),
                render: (_, i) => (
                  <span className={styles.line}>
                    {sourceOf(i.source)}
                    {i.unconfirmed && <Tone kind="caution">{t("intervals.unconfirmed")}</Tone>}
                  </span>
                ),
              },
              {
                key: "act",
                render: (_, i) =>
                  i.mayChange && (
                    <Button
                      aria-label={t("intervals.title", { plan: name(i) })}
                      onClick={() => setChanging(i)}
                    >
                      {t("intervals.change")}
                    </Button>
                  ),
              },
            ]}
          />
          {changing && (
            <Change
              of={changing}
              name={name(changing)}
              onClose={() => setChanging(undefined)}
              onDone={() => {
                setChanging(undefined);
                void list.refetch();
              }}
            />
          )}
        </div>
      )}
    </Loaded>
  );
}

function Change({
  of,
  name,
  onClose,
  onDone,
}: {
  of: Interval;
  name: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useTranslation("panel");
  const [form] = Form.useForm();
  const set = useCommand("put", "/api/v1/plan-intervals", { onSuccess: onDone });
  return (
    <FormDialog<{ days: number }>
      title={t("intervals.title", { plan: name })}
      act={t("intervals.save")}
      form={form}
      initial={{ days: of.days }}
      busy={set.isPending}
      error={set.error}
      onClose={onClose}
      onSend={({ days }) => set.mutate({ body: { plan: of.plan, days, revision: of.revision } })}
    >
      <Form.Item
        name="days"
        label={t("plan.days")}
        extra={t("intervals.range", { least: of.least, most: of.most })}
        rules={[{ required: true, message: t("needed") }]}
      >
        <InputNumber min={1} max={2000} className={styles.full ?? ""} />
      </Form.Item>
    </FormDialog>
  );
}
