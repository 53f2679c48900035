import { ClockCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue, useCommand } from "../api";
import { Panel } from "../bedside/parts/Panel";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Tone, type ToneKind } from "../theme";
import styles from "./Around.module.css";
import { type CareFile, useKeepCareFile } from "./useCareFile";
import { DayPicker, useToday } from "../dates";
import { FormDialog } from "../dialog";

/** The newest assessment of each risk and score. */
export function Assessments({ of, residentId }: { of: CareFile; residentId: string }) {
  const { t } = useTranslation("around");
  const [adding, setAdding] = useState(false);
  return (
    <Panel
      title={t("file.assessments")}
      aside={
        of.canEdit && (
          <Button icon={<PlusOutlined aria-hidden />} onClick={() => setAdding(true)}>
            {t("file.addAssessment")}
          </Button>
        )
      }
    >
      <AssessmentList of={of} />
      {adding && <AssessmentForm residentId={residentId} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

function toneOf(level: string): ToneKind {
  if (level === "HIGH" || level === "SEVERE") return "danger";
  if (level === "MEDIUM" || level === "MODERATE") return "caution";
  return "muted";
}

/** Levels with their date; what is out of date says so. */
export function AssessmentList({ of }: { of: CareFile }) {
  const { t } = useTranslation("around");
  const { label } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  return (
    <>
      {of.assessmentMissing && (
        <Tone kind="caution" icon={<ClockCircleOutlined aria-hidden />}>
          {t("file.missing")}
        </Tone>
      )}
      <ul className={styles.list}>
        {of.assessments.map((a) => (
          <li key={a.id}>
            <span className={styles.line}>
              <span>{label("riskScales", a.scale)}</span>
              {a.score !== undefined && <strong>{t("file.points", { n: a.score })}</strong>}
              <Tone kind={toneOf(a.level)}>{label("riskLevels", a.level)}</Tone>
              {a.old && (
                <Tone kind="caution" icon={<ClockCircleOutlined aria-hidden />}>
                  {t("file.old")}
                </Tone>
              )}
            </span>
            <span className={styles.quiet}>
              {[t("file.assessed", { day: format.day(a.assessedOn, now), name: a.assessedBy }), a.note]
                .filter(Boolean)
                .join(" · ")}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

function AssessmentForm({ residentId, onClose }: { residentId: string; onClose: () => void }) {
  const { t } = useTranslation(["around", "common"]);
  const { catalogue, options } = useCatalogue();
  const [form] = Form.useForm();
  const today = useToday();
  const scale = Form.useWatch("scale", form);
  const chosen: Schemas["ScaleTerm"] | undefined = catalogue?.riskScales.find((s) => s.code === scale);
  const keep = useKeepCareFile(residentId);
  const add = useCommand("post", "/api/v1/residents/{id}/assessments", {
    onSuccess: (file) => {
      keep(file);
      onClose();
    },
  });
  const needed = { required: true, message: t("form.needed") };
  const risks = options("riskLevels").slice(0, 4);
  return (
    <FormDialog<{ scale: string; assessedOn: string; score?: number; level?: string; note?: string }>
      title={t("file.addAssessment")}
      onClose={onClose}
      act={t("form.save")}
      busy={add.isPending}
      form={form}
      initial={{ scale: "BARTHEL", assessedOn: today }}
      error={add.error}
      onSend={(v) =>
        add.mutate({
          path: { id: residentId },
          body: {
            scale: v.scale,
            assessedOn: v.assessedOn,
            ...(chosen?.scored && v.score !== undefined ? { score: v.score } : {}),
            ...(!chosen?.scored && v.level ? { level: v.level } : {}),
            ...(v.note?.trim() ? { note: v.note.trim() } : {}),
          },
        })
      }
    >
      <Form.Item name="scale" label={t("form.scale")} className={styles.wide ?? ""}>
        <Select options={options("riskScales")} />
      </Form.Item>
      {chosen?.scored ? (
        <Form.Item
          name="score"
          label={t("form.score", { low: chosen.low, high: chosen.high })}
          rules={[needed]}
        >
          <InputNumber className={styles.full ?? ""} precision={0} />
        </Form.Item>
      ) : (
        <Form.Item name="level" label={t("form.level")} rules={[needed]}>
          <Select options={risks} />
        </Form.Item>
      )}
      <Form.Item name="assessedOn" label={t("form.assessedOn")} rules={[needed]}>
        <DayPicker className={styles.full} max={today} />
      </Form.Item>
      <Form.Item name="note" label={t("form.note")} className={styles.wide ?? ""}>
        <Input maxLength={300} autoComplete="off" />
      </Form.Item>
    </FormDialog>
  );
}
