import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Input, InputNumber, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue } from "../api";
import { useServices } from "../app/services";
import { type Template, templates } from "./templates";
import styles from "./Visits.module.css";

type Content = Schemas["VisitRecordContent"];
type Advice = NonNullable<Content["advice"]>;
type Vitals = NonNullable<Content["vitals"]>;

/** The questions that a kind of visit asks, each with its short answers. */
export function Questions({
  template,
  answers,
  disabled,
  onChange,
}: {
  template: Template;
  answers: Record<string, string>;
  disabled: boolean;
  onChange: (answers: Record<string, string>) => void;
}) {
  const { t } = useTranslation("visits");
  return (
    <div className={styles.fields}>
      {templates[template].map(({ key, quick }) => {
        const words = t(`questions.${template}.${key}` as never) as string;
        return (
          <div key={key} className={styles.field} role="group" aria-label={words}>
            <span>{words}</span>
            <Radio.Group
              disabled={disabled}
              optionType="button"
              size="small"
              value={answers[key] ?? ""}
              onChange={(e) => onChange({ ...answers, [key]: String(e.target.value) })}
              options={quick.map((q) => ({ value: q, label: t(`quick.${q}`) }))}
            />
          </div>
        );
      })}
    </div>
  );
}

export const measured = ["SBP", "DBP", "PULSE", "SPO2", "TEMP", "RESP", "GLU_CAP", "WEIGHT"] as const;

/** What was measured; a field that is emptied was not measured. */
export function Readings({
  vitals,
  disabled,
  onChange,
}: {
  vitals: Vitals;
  disabled: boolean;
  onChange: (vitals: Vitals) => void;
}) {
  const { t } = useTranslation("visits");
  const { vital } = useCatalogue();
  const { clock } = useServices();
  const measure = (code: string, value: number | null) => {
    const rest = vitals.filter((v) => v.code !== code);
    const takenAt = new Date(clock.now()).toISOString();
    onChange(value === null ? rest : [...rest, { code, value, confirmed: true, takenAt }]);
  };
  return (
    <fieldset className={styles.fields} aria-label={t("record.vitals")}>
      {measured.map((code) => {
        const term = vital(code);
        if (!term) return null;
        return (
          <label key={code} className={styles.field}>
            {term.zh === term.en ? code : `${labelOf(term)} (${term.unitLabel})`}
            <InputNumber
              disabled={disabled}
              value={vitals.find((v) => v.code === code)?.value ?? null}
              min={term.possibleLow}
              max={term.possibleHigh}
              step={term.decimals > 0 ? 0.1 : 1}
              onChange={(value) => measure(code, value)}
            />
          </label>
        );
      })}
    </fieldset>
  );
}

const labelOf = (term: { zh: string; en: string }) =>
  document.documentElement.lang.startsWith("en") ? term.en : term.zh;

/** The lines of advice, each of a kind. */
export function AdviceLines({
  advice,
  open,
  disabled,
  onChange,
}: {
  advice: Advice;
  open: boolean;
  disabled: boolean;
  onChange: (advice: Advice) => void;
}) {
  const { t } = useTranslation("visits");
  const { options } = useCatalogue();
  const change = (i: number, to: Partial<Advice[number]>) =>
    onChange(advice.map((x, at) => (at === i ? { ...x, ...to } : x)));
  return (
    <div className={styles.field}>
      <span>{t("record.advice")}</span>
      {advice.map((a, i) => (
        // oxlint-disable-next-line no-array-index-key -- lines have no other identity
        <span key={i} className={styles.line}>
          <Select
            disabled={disabled}
            aria-label={t("record.advice")}
            value={a.kind}
            onChange={(kind: Advice[number]["kind"]) => change(i, { kind })}
            options={options("adviceKinds")}
            style={{ minWidth: "8rem" }}
          />
          <Input
            disabled={disabled}
            aria-label={`${t("record.advice")} ${i + 1}`}
            value={a.text}
            maxLength={500}
            style={{ flex: 1, minWidth: "12rem" }}
            onChange={(e) => change(i, { text: e.target.value })}
          />
          {open && (
            <Button
              type="text"
              icon={<DeleteOutlined aria-hidden />}
              aria-label={`${t("record.advice")} ${i + 1}`}
              onClick={() => onChange(advice.filter((_, at) => at !== i))}
            />
          )}
        </span>
      ))}
      {open && advice.length < 20 && (
        <Button
          icon={<PlusOutlined aria-hidden />}
          onClick={() => onChange([...advice, { kind: "NURSING", text: "" }])}
        >
          {t("record.adviceAdd")}
        </Button>
      )}
    </div>
  );
}
