import { Button, Checkbox, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCommand, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServices } from "../app/services";
import { ClockRangePicker } from "../dates";
import { Refused } from "../dialog";
import { Notice } from "../theme";
import styles from "./Reminders.module.css";

type Settings = Schemas["ReminderSettings"];
type Rule = Schemas["ReminderRule"];
const leads = ["D3", "D1", "H2"] as const;
const audiences = ["FAMILY", "INSTITUTION", "DOCTOR"] as const;

/** Of which appointments an organisation reminds, whom, and how the messages read. */
function SettingsPage() {
  const { t } = useTranslation("reminders");
  const list = useRead("/api/v1/reminder-settings", {});
  return (
    <Page title={t("settings.title")}>
      <Loaded query={list}>
        {(rows) => (
          <div className={styles.stack}>
            {rows.map((s) => (
              <One key={`${s.organisationId} ${String(s.revision)}`} of={s} />
            ))}
          </div>
        )}
      </Loaded>
    </Page>
  );
}
export { SettingsPage as Component };

function One({ of }: { of: Settings }) {
  const { t } = useTranslation("reminders");
  const { query } = useServices();
  const [rule, setRule] = useState<Rule>(of.rule);
  const [quiet, setQuiet] = useState(of.quiet);
  const [kinds, setKinds] = useState<Record<string, Rule>>(() =>
    Object.fromEntries(of.kinds.flatMap((k) => (k.rule ? [[k.kindId, k.rule]] : []))),
  );
  const [saved, setSaved] = useState(false);
  const save = useCommand("put", "/api/v1/reminder-settings", {
    onSuccess: () => {
      setSaved(true);
      void query.invalidateQueries({ queryKey: ["/api/v1/reminder-settings"] });
    },
  });
  return (
    <section className={styles.card}>
      <h2>{of.organisationName}</h2>
      <RuleFields rule={rule} onRule={setRule} />
      <div className={styles.field}>
        <span>{t("settings.quiet")}</span>
        <Checkbox
          checked={!quiet}
          onChange={(event) => setQuiet(event.target.checked ? undefined : { from: "21:00", to: "08:00" })}
        >
          {t("settings.anyHour")}
        </Checkbox>
        {quiet && (
          <ClockRangePicker
            className={styles.narrow}
            aria-label={t("settings.quiet")}
            value={quiet}
            onChange={(range) => range && setQuiet(range)}
          />
        )}
        <p className={styles.quiet}>{t("settings.quietHint")}</p>
      </div>
      {of.kinds.length > 0 && (
        <div className={styles.field}>
          <h3>{t("settings.kinds")}</h3>
          <ul className={styles.list}>
            {of.kinds.map((k) => {
              const own = kinds[k.kindId];
              return (
                <li key={k.kindId}>
                  <span className={styles.grow}>{k.kindName}</span>
                  <Select
                    aria-label={k.kindName}
                    value={own ? "own" : "same"}
                    style={{ minWidth: "11rem" }}
                    options={[
                      { value: "same", label: t("settings.same") },
                      { value: "own", label: t("settings.own") },
                    ]}
                    onChange={(value) =>
                      setKinds((all) => {
                        const next = { ...all };
                        if (value === "own") next[k.kindId] = rule;
                        else delete next[k.kindId];
                        return next;
                      })
                    }
                  />
                  {own && (
                    <RuleFields
                      rule={own}
                      onRule={(next) => setKinds((all) => ({ ...all, [k.kindId]: next }))}
                    />
                  )}
                </li>
              );
            })}
          </ul>
        </div>
      )}
      <div className={styles.field}>
        <h3>{t("settings.preview")}</h3>
        {of.previews.map((p) => (
          <div key={p.audience} className={styles.field}>
            <span className={styles.quiet}>
              {p.audience === "FAMILY" ? t("settings.previewFamily") : t("settings.previewStaff")}
            </span>
            <span className={styles.address}>{p.zh}</span>
            <span className={styles.address} lang="en">
              {p.en}
            </span>
          </div>
        ))}
      </div>
      <Refused error={save.error} />
      {saved && <Notice kind="good">{t("settings.saved")}</Notice>}
      <span className={styles.acts}>
        <Button
          type="primary"
          loading={save.isPending}
          onClick={() =>
            save.mutate({
              body: {
                organisationId: of.organisationId,
                revision: of.revision,
                rule,
                ...(quiet ? { quiet } : {}),
                kinds: Object.entries(kinds).map(([kindId, own]) => ({ kindId, rule: own })),
              },
            })
          }
        >
          {t("settings.save")}
        </Button>
      </span>
    </section>
  );
}

function RuleFields({ rule, onRule }: { rule: Rule; onRule: (rule: Rule) => void }) {
  const { t } = useTranslation("reminders");
  return (
    <div className={styles.stack}>
      <div className={styles.field}>
        <span>{t("settings.leads")}</span>
        <Checkbox.Group
          options={leads.map((value) => ({ value, label: t(`settings.lead.${value}`) }))}
          value={rule.leads}
          onChange={(value) => onRule({ ...rule, leads: value as Rule["leads"] })}
        />
      </div>
      <div className={styles.field}>
        <span>{t("settings.audiences")}</span>
        <Checkbox.Group
          options={audiences.map((value) => ({ value, label: t(`settings.audience.${value}`) }))}
          value={rule.audiences}
          onChange={(value) => onRule({ ...rule, audiences: value as Rule["audiences"] })}
        />
      </div>
    </div>
  );
}
