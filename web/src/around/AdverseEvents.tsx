import { CheckOutlined, ClockCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue, useCommand, useRead } from "../api";
import { useServices } from "../app/services";
import { Loaded } from "../app/Loaded";
import { hasRole, useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Around.module.css";
import { ResidentField } from "./ResidentField";
import { FormDialog, ReasonDialog } from "../dialog";
import { MomentPicker } from "../dates";

/** Adverse events, those that nobody has looked at first. */
export function AdverseEvents() {
  const { t } = useTranslation("around");
  const [adding, setAdding] = useState(false);
  const list = useRead("/api/v1/adverse-events");
  return (
    <div className={styles.form}>
      <span className={styles.acts}>
        <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setAdding(true)}>
          {t("adverse.add")}
        </Button>
      </span>
      <Loaded query={list}>
        {(rows) =>
          rows.length === 0 ? (
            <p className={styles.quiet}>{t("adverse.none")}</p>
          ) : (
            <ul className={`${styles.list} ${styles.cards}`}>
              {rows.map((e) => (
                <Row key={e.id} of={e} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {adding && <EventForm onClose={() => setAdding(false)} />}
    </div>
  );
}

function Row({ of }: { of: Schemas["AdverseEvent"] }) {
  const { t } = useTranslation("around");
  const { label } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  const { query } = useServices();
  const reviewer = hasRole(useMe(), "INST_ADMIN", "QC");
  const [reviewing, setReviewing] = useState(false);
  const review = useCommand("post", "/api/v1/adverse-events/{id}/review", {
    onSuccess: () => {
      void query.invalidateQueries({ queryKey: ["/api/v1/adverse-events"] });
      setReviewing(false);
    },
  });
  return (
    <li>
      <span className={styles.line}>
        <Tone kind={of.grade === "I" || of.grade === "II" ? "danger" : "caution"}>
          {label("adverseGrades", of.grade)}
        </Tone>
        <strong>{label("adverseTypes", of.type)}</strong>
        <span>{[of.bed, of.residentName].filter(Boolean).join(" ")}</span>
        <Tone
          kind={of.inTime ? "good" : "danger"}
          icon={of.inTime ? <CheckOutlined aria-hidden /> : <ClockCircleOutlined aria-hidden />}
        >
          {t(of.inTime ? "adverse.inTime" : "adverse.late")}
        </Tone>
      </span>
      <span>{of.description}</span>
      {of.measures && <span>{t("adverse.measuresAre", { words: of.measures })}</span>}
      {of.review && <span>{t("adverse.reviewIs", { words: of.review, name: of.reviewedBy })}</span>}
      <span className={styles.quiet}>
        {[
          t("adverse.occurred", { time: format.moment(of.occurredAt, now) }),
          t("adverse.reported", { time: format.moment(of.reportedAt, now), name: of.reportedBy }),
        ].join(" · ")}
      </span>
      {reviewer && !of.reviewedAt && (
        <span className={styles.acts}>
          <Button onClick={() => setReviewing(true)}>{t("adverse.review")}</Button>
        </span>
      )}
      {reviewing && (
        <ReasonDialog
          title={t("adverse.review")}
          label={t("adverse.learnt")}
          act={t("form.save")}
          least={1}
          most={300}
          busy={review.isPending}
          error={review.error}
          onClose={() => setReviewing(false)}
          onSend={({ words: reason = "" }) => review.mutate({ path: { id: of.id }, body: { reason } })}
        />
      )}
    </li>
  );
}

function EventForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("around");
  const { options } = useCatalogue();
  const { query } = useServices();
  const [form] = Form.useForm();
  const now = useServerNow(60_000).toISOString();
  const add = useCommand("post", "/api/v1/adverse-events", {
    onSuccess: () => {
      void query.invalidateQueries({ queryKey: ["/api/v1/adverse-events"] });
      onClose();
    },
  });
  const needed = { required: true, message: t("form.needed") };
  return (
    <FormDialog<{
      type: string;
      grade: string;
      residentId?: string;
      occurredAt: string;
      description: string;
      measures?: string;
    }>
      title={t("adverse.add")}
      act={t("form.save")}
      form={form}
      initial={{ grade: "III", occurredAt: now }}
      busy={add.isPending}
      error={add.error}
      onClose={onClose}
      onSend={(v) =>
        add.mutate({
          body: {
            type: v.type,
            grade: v.grade,
            occurredAt: v.occurredAt,
            description: v.description.trim(),
            ...(v.residentId ? { residentId: v.residentId } : {}),
            ...(v.measures?.trim() ? { measures: v.measures.trim() } : {}),
          },
        })
      }
    >
      <Form.Item name="type" label={t("adverse.type")} rules={[needed]}>
        <Select options={options("adverseTypes")} showSearch={{ optionFilterProp: "label" }} />
      </Form.Item>
      <Form.Item name="grade" label={t("adverse.grade")}>
        <Select options={options("adverseGrades")} />
      </Form.Item>
      <ResidentField />
      <Form.Item name="occurredAt" label={t("adverse.occurredAt")} rules={[needed]}>
        <MomentPicker max={now} className={styles.full} />
      </Form.Item>
      <Form.Item
        name="description"
        label={t("adverse.description")}
        rules={[needed]}
        className={styles.wide ?? ""}
      >
        <Input.TextArea maxLength={2000} autoSize={{ minRows: 3, maxRows: 8 }} />
      </Form.Item>
      <Form.Item name="measures" label={t("adverse.measures")} className={styles.wide ?? ""}>
        <Input.TextArea maxLength={2000} autoSize={{ minRows: 2, maxRows: 8 }} />
      </Form.Item>
    </FormDialog>
  );
}
