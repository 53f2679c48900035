import { ClockCircleOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Checkbox, Form, Input, Radio, Select } from "antd";
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
import { MomentPicker } from "../dates";
import { FormDialog } from "../dialog";

type Complaint = Schemas["Complaint"];

/** Complaints by their deadline in working days. Whoever hears one writes it down; the officer answers. */
export function Complaints() {
  const { t } = useTranslation("around");
  const officer = hasRole(useMe(), "INST_ADMIN", "COMPLAINT_OFFICER");
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<Complaint>();
  const list = useRead("/api/v1/complaints", {}, { enabled: officer });
  return (
    <div className={styles.form}>
      <span className={styles.acts}>
        <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setAdding(true)}>
          {t("complaint.add")}
        </Button>
      </span>
      {made && <p role="status">{t("complaint.made", { day: made.dueOn })}</p>}
      {officer && (
        <Loaded query={list}>
          {(rows) =>
            rows.length === 0 ? (
              <p className={styles.quiet}>{t("complaint.none")}</p>
            ) : (
              <ul className={`${styles.list} ${styles.cards}`}>
                {rows.map((c) => (
                  <Row key={c.id} of={c} />
                ))}
              </ul>
            )
          }
        </Loaded>
      )}
      {adding && <ComplaintForm onClose={() => setAdding(false)} onMade={setMade} />}
    </div>
  );
}

function Row({ of }: { of: Complaint }) {
  const { t } = useTranslation("around");
  const { label, chosen } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  const [closing, setClosing] = useState(false);
  const open = of.state === "OPEN";
  return (
    <li>
      <span className={styles.line}>
        <Tone
          kind={open ? (of.late ? "danger" : "caution") : "good"}
          icon={<ClockCircleOutlined aria-hidden />}
        >
          {open
            ? of.late
              ? t("complaint.late", { day: of.dueOn })
              : t("complaint.due", { day: of.dueOn, n: of.workingDaysLeft })
            : t(of.late ? "complaint.closedLate" : "complaint.closed")}
        </Tone>
        <strong>{label("complaintCategories", of.category)}</strong>
        <span>
          {[t(`complaint.from.${of.complainant as "FAMILY"}`), of.name, of.contact].filter(Boolean).join(" ")}
        </span>
        {of.severalDepartments && <Tone kind="muted">{t("complaint.several")}</Tone>}
        {!of.calendarKnown && <Tone kind="caution">{t("complaint.calendar")}</Tone>}
      </span>
      <span>{of.content}</span>
      {of.finding && (
        <Tone kind={of.finding === "FALSE_SERVICE" ? "danger" : "muted"}>
          {chosen("complaint_finding", of.finding)}
        </Tone>
      )}
      {of.resolution && <span>{t("complaint.resolutionIs", { words: of.resolution })}</span>}
      <span className={styles.quiet}>
        {[
          of.organisation,
          t("complaint.received", { time: format.moment(of.receivedAt, now), name: of.receivedBy }),
          of.closedAt &&
            t("complaint.closedBy", { time: format.moment(of.closedAt, now), name: of.closedBy }),
          of.serial,
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
      {open && (
        <span className={styles.acts}>
          <Button onClick={() => setClosing(true)}>{t("complaint.close")}</Button>
        </span>
      )}
      {closing && <Closing of={of} onClose={() => setClosing(false)} />}
    </li>
  );
}

function Closing({ of, onClose }: { of: Complaint; onClose: () => void }) {
  const { t } = useTranslation("around");
  const [form] = Form.useForm();
  const { choices } = useCatalogue();
  const { query } = useServices();
  const close = useCommand("post", "/api/v1/complaints/{id}/close", {
    onSuccess: () => {
      void query.invalidateQueries({ queryKey: ["/api/v1/complaints"] });
      onClose();
    },
  });
  return (
    <FormDialog<{ resolution: string; finding: Schemas["ComplaintClosing"]["finding"]; onTheSpot?: boolean }>
      title={t("complaint.close")}
      act={t("complaint.close")}
      form={form}
      busy={close.isPending}
      error={close.error}
      onClose={onClose}
      onSend={({ resolution, finding, onTheSpot }) =>
        close.mutate({
          path: { id: of.id },
          body: { resolution, finding, ...(onTheSpot ? { onTheSpot } : {}) },
        })
      }
    >
      <Form.Item
        name="finding"
        label={t("complaint.finding")}
        className={styles.wide ?? ""}
        rules={[{ required: true, message: t("form.needed") }]}
      >
        <Radio.Group
          className={styles.choices ?? ""}
          options={choices("complaint_finding").filter((o) => of.serial || o.value !== "FALSE_SERVICE")}
        />
      </Form.Item>
      <Form.Item
        name="resolution"
        label={t("complaint.resolution")}
        className={styles.wide ?? ""}
        rules={[{ required: true, message: t("form.needed") }]}
      >
        <Input.TextArea maxLength={2000} autoSize={{ minRows: 3, maxRows: 10 }} />
      </Form.Item>
      <Form.Item name="onTheSpot" valuePropName="checked" className={styles.wide ?? ""}>
        <Checkbox>{t("complaint.onTheSpot")}</Checkbox>
      </Form.Item>
    </FormDialog>
  );
}

function ComplaintForm({ onClose, onMade }: { onClose: () => void; onMade: (made: Complaint) => void }) {
  const { t } = useTranslation("around");
  const { options } = useCatalogue();
  const { query } = useServices();
  const [form] = Form.useForm();
  const now = useServerNow(60_000).toISOString();
  const add = useCommand("post", "/api/v1/complaints", {
    onSuccess: (made) => {
      void query.invalidateQueries({ queryKey: ["/api/v1/complaints"] });
      onMade(made);
      onClose();
    },
  });
  const needed = { required: true, message: t("form.needed") };
  const kinds = (["RESIDENT", "FAMILY", "OTHER"] as const).map((value) => ({
    value,
    label: t(`complaint.from.${value}`),
  }));
  return (
    <FormDialog<{
      complainant: "RESIDENT" | "FAMILY" | "OTHER";
      name?: string;
      contact?: string;
      serial?: string;
      category: string;
      content: string;
      severalDepartments?: boolean;
      receivedAt: string;
    }>
      title={t("complaint.add")}
      act={t("form.save")}
      form={form}
      initial={{ complainant: "FAMILY", receivedAt: now }}
      busy={add.isPending}
      error={add.error}
      onClose={onClose}
      onSend={(v) =>
        add.mutate({
          body: {
            complainant: v.complainant,
            category: v.category,
            content: v.content.trim(),
            receivedAt: v.receivedAt,
            ...(v.name?.trim() ? { name: v.name.trim() } : {}),
            ...(v.serial?.trim() ? { serial: v.serial.trim() } : {}),
            ...(v.contact?.trim() ? { contact: v.contact.trim() } : {}),
            ...(v.severalDepartments ? { severalDepartments: true } : {}),
          },
        })
      }
    >
      <Form.Item name="complainant" label={t("complaint.who")}>
        <Select options={kinds} />
      </Form.Item>
      <Form.Item name="name" label={t("complaint.name")}>
        <Input maxLength={50} autoComplete="off" />
      </Form.Item>
      <Form.Item name="contact" label={t("complaint.contact")}>
        <Input maxLength={100} autoComplete="off" />
      </Form.Item>
      <Form.Item name="serial" label={t("complaint.serial")}>
        <Input maxLength={30} autoComplete="off" placeholder="LZ20260310-0001" />
      </Form.Item>
      <Form.Item name="category" label={t("complaint.category")} rules={[needed]}>
        <Select options={options("complaintCategories")} />
      </Form.Item>
      <Form.Item name="receivedAt" label={t("complaint.receivedAt")} rules={[needed]}>
        <MomentPicker max={now} className={styles.full} />
      </Form.Item>
      <Form.Item name="content" label={t("complaint.content")} rules={[needed]} className={styles.wide ?? ""}>
        <Input.TextArea maxLength={2000} autoSize={{ minRows: 3, maxRows: 10 }} />
      </Form.Item>
      <Form.Item name="severalDepartments" valuePropName="checked" className={styles.wide ?? ""}>
        <Checkbox>{t("complaint.severalHint")}</Checkbox>
      </Form.Item>
    </FormDialog>
  );
}
