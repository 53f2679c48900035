import { Form, Input, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { dayAfter, DayPicker, useToday } from "../dates";
import { FormDialog, ReasonDialog } from "../dialog";
import styles from "./Panel.module.css";
import type { Plan } from "./parts";
import { usePanelRefresh } from "./usePanelRefresh";

const kinds = ["VISIT", "ROUND", "CLINIC", "PHONE"] as const;

/** Closes a dialog and reads again. */
function useDone(onClose: () => void) {
  const refresh = usePanelRefresh();
  return () => {
    refresh();
    onClose();
  };
}

/** The resident was seen or called. */
export function ContactDialog({ of, onClose }: { of: Plan; onClose: () => void }) {
  const { t } = useTranslation("panel");
  const { chosen } = useCatalogue();
  const [form] = Form.useForm();
  const today = useToday();
  const note = useCommand("post", "/api/v1/care-plans/{id}/contacts", { onSuccess: useDone(onClose) });
  const needed = { required: true, message: t("needed") };
  return (
    <FormDialog<{ kind: (typeof kinds)[number]; heldOn: string; nextOn?: string; note?: string }>
      title={t("plan.noteTitle", { plan: chosen("plan_kind", of.plan) })}
      act={t("plan.save")}
      form={form}
      initial={{ kind: "VISIT", heldOn: today }}
      busy={note.isPending}
      error={note.error}
      onClose={onClose}
      onSend={({ kind, heldOn, nextOn, note: words }) =>
        note.mutate({
          path: { id: of.id },
          body: {
            kind,
            heldOn,
            ...(nextOn ? { nextOn } : {}),
            ...(words?.trim() ? { note: words.trim() } : {}),
          },
        })
      }
    >
      <Form.Item name="kind" label={t("plan.how")} rules={[needed]}>
        <Select options={kinds.map((value) => ({ value, label: chosen("contact_kind", value) }))} />
      </Form.Item>
      <Form.Item name="heldOn" label={t("plan.held")} rules={[needed]}>
        <DayPicker max={today} className={styles.full} allowClear={false} />
      </Form.Item>
      <Form.Item name="nextOn" label={t("plan.nextOn")} extra={t("plan.nextHint")}>
        <DayPicker min={today} className={styles.full} />
      </Form.Item>
      <Form.Item name="note" label={t("plan.words")} className={styles.wide ?? ""}>
        <Input.TextArea maxLength={500} autoSize={{ minRows: 2, maxRows: 6 }} />
      </Form.Item>
    </FormDialog>
  );
}

/** Another interval for this resident, with the reason. */
export function ChangePlanDialog({ of, onClose }: { of: Plan; onClose: () => void }) {
  const { t } = useTranslation("panel");
  const { chosen } = useCatalogue();
  const [form] = Form.useForm();
  const change = useCommand("put", "/api/v1/care-plans/{id}", { onSuccess: useDone(onClose) });
  const needed = { required: true, message: t("needed") };
  return (
    <FormDialog<{ days: number; reason: string }>
      title={t("plan.changeTitle", { plan: chosen("plan_kind", of.plan) })}
      act={t("plan.save")}
      form={form}
      initial={{ days: of.days }}
      busy={change.isPending}
      error={change.error}
      onClose={onClose}
      onSend={({ days, reason }) =>
        change.mutate({ path: { id: of.id }, body: { days, reason: reason.trim(), revision: of.revision } })
      }
    >
      <Form.Item name="days" label={t("plan.days")} rules={[needed]}>
        <InputNumber min={1} max={2000} className={styles.full ?? ""} />
      </Form.Item>
      <Form.Item name="reason" label={t("plan.reason")} rules={[needed]} className={styles.wide ?? ""}>
        <Input.TextArea maxLength={300} autoSize={{ minRows: 2, maxRows: 4 }} />
      </Form.Item>
    </FormDialog>
  );
}

/** The plan is no longer needed. */
export function ClosePlanDialog({ of, onClose }: { of: Plan; onClose: () => void }) {
  const { t } = useTranslation("panel");
  const { chosen } = useCatalogue();
  const change = useCommand("put", "/api/v1/care-plans/{id}", { onSuccess: useDone(onClose) });
  return (
    <ReasonDialog
      title={t("plan.closeTitle", { plan: chosen("plan_kind", of.plan) })}
      act={t("plan.close")}
      label={t("plan.closeWhy")}
      least={1}
      most={300}
      busy={change.isPending}
      error={change.error}
      onClose={onClose}
      onSend={({ words }) =>
        change.mutate({
          path: { id: of.id },
          body: { close: true, reason: words ?? "", revision: of.revision },
        })
      }
    />
  );
}

/** A plan of the list, by the interval of the institution or another one with a reason. */
export function NewPlanDialog({ care, onClose }: { care: Schemas["FamilyCare"]; onClose: () => void }) {
  const { t } = useTranslation("panel");
  const { choices } = useCatalogue();
  const [form] = Form.useForm();
  const today = useToday();
  const intervals = useRead("/api/v1/plan-intervals").data ?? [];
  const plan = Form.useWatch("plan", form) as string | undefined;
  const days = Form.useWatch("days", form) as number | undefined;
  const interval = intervals.find((i) => i.plan === plan);
  const add = useCommand("post", "/api/v1/residents/{id}/care-plans", { onSuccess: useDone(onClose) });
  const active = new Set(care.plans.filter((p) => p.state === "ACTIVE").map((p) => p.plan));
  const needed = { required: true, message: t("needed") };
  return (
    <FormDialog<{ plan: string; beginsOn: string; days?: number; reason?: string }>
      title={t("plan.add")}
      act={t("plan.save")}
      form={form}
      initial={{ beginsOn: dayAfter(today, { days: 7 }) }}
      busy={add.isPending}
      error={add.error}
      onClose={onClose}
      onSend={(v) =>
        add.mutate({
          path: { id: care.residentId },
          body: {
            plan: v.plan,
            beginsOn: v.beginsOn,
            ...(v.days ? { days: v.days } : {}),
            ...(v.reason?.trim() ? { reason: v.reason.trim() } : {}),
          },
        })
      }
    >
      <Form.Item name="plan" label={t("plan.kind")} rules={[needed]}>
        <Select options={choices("plan_kind").filter((o) => !active.has(o.value))} />
      </Form.Item>
      <Form.Item name="beginsOn" label={t("plan.begins")} rules={[needed]}>
        <DayPicker className={styles.full} allowClear={false} />
      </Form.Item>
      <Form.Item
        name="days"
        label={t("plan.days")}
        extra={interval && t("plan.daysHint", { n: interval.days })}
      >
        <InputNumber min={1} max={2000} className={styles.full ?? ""} />
      </Form.Item>
      {days !== undefined && days !== null && (
        <Form.Item name="reason" label={t("plan.reason")} rules={[needed]} className={styles.wide ?? ""}>
          <Input.TextArea maxLength={300} autoSize={{ minRows: 2, maxRows: 4 }} />
        </Form.Item>
      )}
    </FormDialog>
  );
}
