import { Button, Form, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand } from "../api";
import type { Schemas } from "../api/types";
import { DayPicker, useToday } from "../dates";
import { FormDialog } from "../dialog";
import styles from "./Admin.module.css";

const reasons = ["MUTUAL", "BREACH", "QUALIFICATION", "REPLACED"] as const;

/** Ends an agreement before its last day, with the day and the reason. */
export function AgreementEnd({ of, onDone }: { of: Schemas["Agreement"]; onDone: () => void }) {
  const { t } = useTranslation("admin");
  const [open, setOpen] = useState(false);
  const [form] = Form.useForm<Schemas["AgreementEnd"]>();
  const today = useToday();
  const end = useCommand("post", "/api/v1/agreements/{id}/terminate", {
    onSuccess: () => {
      setOpen(false);
      onDone();
    },
  });
  return (
    <>
      <Button size="small" danger onClick={() => setOpen(true)}>
        {t("system.terminate")}
      </Button>
      {open && (
        <FormDialog<Schemas["AgreementEnd"]>
          title={`${t("system.terminate")} ${of.number}`}
          onClose={() => setOpen(false)}
          act={t("system.terminate")}
          busy={end.isPending}
          form={form}
          error={end.error}
          initial={{ on: today }}
          onSend={(body) => end.mutate({ path: { id: of.id }, body })}
        >
          <Form.Item name="reason" label={t("system.terminateReason")} rules={[{ required: true }]}>
            <Select options={reasons.map((r) => ({ value: r, label: t(`system.terminateReasons.${r}`) }))} />
          </Form.Item>
          <Form.Item
            name="on"
            label={t("system.terminateOn")}
            extra={t("system.terminateHint")}
            rules={[{ required: true }]}
          >
            <DayPicker className={styles.wide} />
          </Form.Item>
        </FormDialog>
      )}
    </>
  );
}
