import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand } from "../api";
import type { Schemas } from "../api/types";
import { FormDialog } from "../dialog";
import styles from "./Panel.module.css";
import { usePanelRefresh } from "./usePanelRefresh";

type Code = Schemas["RiskMarkInput"]["code"];

/** A group that no record shows, with what says so. */
export function MarkDialog({ care, onClose }: { care: Schemas["FamilyCare"]; onClose: () => void }) {
  const { t } = useTranslation("panel");
  const { choices } = useCatalogue();
  const [form] = Form.useForm();
  const refresh = usePanelRefresh();
  const set = useCommand("post", "/api/v1/residents/{id}/risk-marks", {
    onSuccess: () => {
      refresh();
      onClose();
    },
  });
  const there = new Set(care.groups.map((g) => g.code));
  return (
    <FormDialog<{ code: Code; evidence?: string }>
      title={t("group.add")}
      act={t("group.save")}
      form={form}
      busy={set.isPending}
      error={set.error}
      onClose={onClose}
      onSend={({ code, evidence }) =>
        set.mutate({
          path: { id: care.residentId },
          body: { code, present: true, ...(evidence?.trim() ? { evidence: evidence.trim() } : {}) },
        })
      }
    >
      <Form.Item
        name="code"
        label={t("group.code")}
        rules={[{ required: true, message: t("needed") }]}
        className={styles.wide ?? ""}
      >
        <Select options={choices("risk_group").filter((o) => o.value !== "AGED_80" && !there.has(o.value))} />
      </Form.Item>
      <Form.Item
        name="evidence"
        label={t("group.evidence")}
        extra={t("group.evidenceHint")}
        className={styles.wide ?? ""}
      >
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
    </FormDialog>
  );
}
