import { Button, Input, InputNumber, Select, Switch, Table, Tabs } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import { Months } from "./Months";
import { Unconfirmed } from "./Reasons";
import styles from "./Rules.module.css";
import { Dialog } from "../dialog";

type Rule = Schemas["Rule"];
type Setting = Schemas["RuleSetting"];

/** Every rule with its source, whether it is on, and its thresholds; what has to be confirmed says so. */
function RulesPage() {
  const { t } = useTranslation("rules");
  const { options } = useCatalogue();
  const format = useFormat();
  const [place, setPlace] = useState("");
  const [changing, setChanging] = useState<Setting>();
  const admin = useMe().memberships.some((m) => m.role === "INST_ADMIN");
  const rules = useRead("/api/v1/rules", { query: { jurisdiction: place } }, { keepPrevious: true });
  return (
    <Page title={t("rules.title")}>
      <Loaded query={rules}>
        {(page) => (
          <div className={styles.dialog}>
            <div className={styles.line}>
              <label>
                {t("rules.place")}{" "}
                <Select
                  aria-label={t("rules.place")}
                  value={place}
                  onChange={setPlace}
                  showSearch={{ optionFilterProp: "search" }}
                  style={{ minWidth: "14rem" }}
                  options={[
                    { value: "", label: t("rules.everywhere"), search: t("rules.everywhere") },
                    ...options("divisions"),
                  ]}
                />
              </label>
              {page.rulesets
                .filter((r) => r.current)
                .map((r) => (
                  <span key={r.kind} className={styles.quiet}>
                    {r.name} {t("rules.from", { day: format.day(r.from, new Date(0)) })}
                  </span>
                ))}
            </div>
            <p className={styles.quiet}>{page.note}</p>
            <Tabs
              items={[
                ...(["GATES", "COUNTABILITY"] as const).map((kind) => ({
                  key: kind,
                  label: kind === "GATES" ? t("rules.gates") : t("rules.countability"),
                  children: (
                    <RuleTable
                      rules={page.rules.filter((r) => r.kind === kind)}
                      mayChange={page.mayChange}
                      onChange={setChanging}
                    />
                  ),
                })),
                { key: "changes", label: t("rules.changes"), children: <Changes page={page} /> },
                ...(admin ? [{ key: "again", label: t("rules.reevaluate"), children: <Months /> }] : []),
              ]}
            />
          </div>
        )}
      </Loaded>
      {changing && (
        <Change
          setting={changing}
          jurisdiction={place}
          onClose={() => setChanging(undefined)}
          onDone={() => {
            setChanging(undefined);
            void rules.refetch();
          }}
        />
      )}
    </Page>
  );
}

function RuleTable(props: { rules: Rule[]; mayChange: boolean; onChange: (s: Setting) => void }) {
  const { t } = useTranslation("rules");
  const { chosen } = useCatalogue();
  return (
    <Table<Rule>
      rowKey={(r) => `${r.rule} ${r.text}`}
      size="middle"
      pagination={false}
      scroll={{ x: "max-content" }}
      dataSource={props.rules}
      columns={[
        { title: t("rules.rule"), dataIndex: "rule", fixed: "left" },
        {
          title: t("rules.text"),
          render: (_, r) => (
            <div className={styles.text}>
              {r.text}
              <div className={styles.quiet}>{r.source}</div>
            </div>
          ),
        },
        {
          title: t("rules.mark"),
          render: (_, r) => (
            <div className={styles.settings}>
              {r.unconfirmed ? <Unconfirmed rule={r.rule} /> : <span>{chosen("rule_mark", r.mark)}</span>}
            </div>
          ),
        },
        {
          title: t("rules.effect"),
          render: (_, r) => (
            <div className={styles.settings}>
              <span>{r.effect ? chosen("gate_effect", r.effect) : t(`rules.keptBy.${r.keptBy}`)}</span>
              {r.due && <span className={styles.quiet}>{chosen("gate_stage", r.due)}</span>}
              {r.hard && <span className={styles.quiet}>{t("rules.hard")}</span>}
            </div>
          ),
        },
        {
          title: t("rules.on"),
          render: (_, r) => {
            const own = r.settings.find((s) => s.switchesRule);
            return (
              <div className={styles.setting}>
                <Tone kind={r.on ? "good" : "muted"}>{r.on ? t("rules.yes") : t("rules.no")}</Tone>
                {own && props.mayChange && (
                  <Button
                    type="link"
                    onClick={() => props.onChange(own)}
                    aria-label={`${t("rules.change")} ${r.rule}`}
                  >
                    {t("rules.change")}
                  </Button>
                )}
              </div>
            );
          },
        },
        {
          title: t("rules.settings"),
          render: (_, r) => (
            <div className={styles.settings}>
              {r.settings
                .filter((s) => !s.switchesRule)
                .map((s) => (
                  <div key={s.name} className={styles.setting}>
                    <span>{s.label}</span>
                    <strong>{s.bool ? t(s.value ? "rules.yes" : "rules.no") : s.value}</strong>
                    <span className={styles.quiet}>
                      {t("rules.default", {
                        value: s.bool ? t(s.default ? "rules.yes" : "rules.no") : s.default,
                      })}
                    </span>
                    {props.mayChange && (
                      <Button
                        type="link"
                        onClick={() => props.onChange(s)}
                        aria-label={`${t("rules.change")} ${s.label}`}
                      >
                        {t("rules.change")}
                      </Button>
                    )}
                  </div>
                ))}
            </div>
          ),
        },
      ]}
    />
  );
}

/** One threshold or switch, with the ruling that it follows. */
function Change(props: { setting: Setting; jurisdiction: string; onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation("rules");
  const { setting } = props;
  const [value, setValue] = useState(setting.value);
  const [reason, setReason] = useState("");
  const change = useCommand("put", "/api/v1/rules/settings", { onSuccess: props.onDone });
  return (
    <Dialog
      title={setting.label}
      onClose={props.onClose}
      act={t("rules.save")}
      busy={change.isPending}
      ready={reason.trim() !== ""}
      error={change.error}
      onAct={() =>
        change.mutate({
          body: {
            name: setting.name,
            jurisdiction: props.jurisdiction,
            value,
            revision: setting.revision,
            reason: reason.trim(),
          },
        })
      }
    >
      {setting.unconfirmed && <Tone kind="caution">{t("rules.toConfirm")}</Tone>}
      <label>
        {t("rules.value")}{" "}
        {setting.bool ? (
          <Switch
            checked={value !== 0}
            onChange={(on) => setValue(on ? 1 : 0)}
            aria-label={t("rules.value")}
          />
        ) : (
          <InputNumber
            min={setting.min}
            max={setting.max}
            value={value}
            onChange={(v) => setValue(v ?? setting.default)}
          />
        )}
      </label>
      <label className={styles.dialog}>
        {t("rules.why")}
        <Input.TextArea
          value={reason}
          maxLength={500}
          autoSize={{ minRows: 3 }}
          onChange={(e) => setReason(e.target.value)}
        />
      </label>
    </Dialog>
  );
}

function Changes({ page }: { page: Schemas["RulesPage"] }) {
  const { t } = useTranslation("rules");
  const { label } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  const names = new Map(page.rules.flatMap((r) => r.settings.map((s) => [s.name, `${r.rule} ${s.label}`])));
  return (
    <Table
      rowKey={(c) => c.at + c.name}
      size="middle"
      pagination={false}
      scroll={{ x: "max-content" }}
      dataSource={page.changes}
      locale={{ emptyText: t("rules.nothing") }}
      columns={[
        { title: t("rules.when"), render: (_, c) => format.moment(c.at, now) },
        { title: t("rules.rule"), render: (_, c) => names.get(c.name) ?? c.name },
        {
          title: t("rules.place"),
          render: (_, c) => (c.jurisdiction ? label("divisions", c.jurisdiction) : t("rules.everywhere")),
        },
        { title: t("rules.before"), dataIndex: "oldValue" },
        { title: t("rules.after"), dataIndex: "newValue" },
        { title: t("rules.why"), render: (_, c) => <div className={styles.text}>{c.reason}</div> },
        { title: t("rules.who"), dataIndex: "by" },
      ]}
    />
  );
}

export { RulesPage as Component };
