import { HomeOutlined } from "@ant-design/icons";
import { Button, Checkbox, Form, Input, InputNumber } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand } from "../api";
import { DayRangePicker, dayAfter, useToday } from "../dates";
import { FormDialog } from "../dialog";
import { Notice } from "../theme";
import { useVisitsRefresh } from "./useVisits";

interface Props {
  residentId: string;
  source: "WRAP_UP" | "NURSE" | "PLAN" | "FAMILY" | "BED";
  /** in whose wrap-up it is asked for */
  consultationId?: string;
  /** the bed whose round it is */
  homeBedId?: string;
  /** what the reason begins with */
  reason?: string;
  label?: string;
}

/** Asks for a visit at home, from wherever the need shows. */
export function RequestVisit({ residentId, source, consultationId, homeBedId, reason, label }: Props) {
  const { t } = useTranslation("visits");
  const [open, setOpen] = useState(false);
  const [sent, setSent] = useState(false);
  const [form] = Form.useForm();
  const today = useToday();
  const refresh = useVisitsRefresh();
  const send = useCommand("post", "/api/v1/visits", {
    onSuccess: () => {
      setOpen(false);
      setSent(true);
      refresh();
    },
  });
  return (
    <>
      <Button icon={<HomeOutlined aria-hidden />} onClick={() => setOpen(true)}>
        {label ?? t("ask.act")}
      </Button>
      {sent && <Notice kind="good">{t("ask.sent")}</Notice>}
      {open && (
        <FormDialog
          title={t("ask.title")}
          onClose={() => setOpen(false)}
          act={t("ask.send")}
          form={form}
          busy={send.isPending}
          error={send.error}
          initial={{ reason: reason ?? "", span: [today, dayAfter(today, { days: 7 })], minutes: 30 }}
          fieldNames={{ wantedFrom: "span", wantedTo: "span" }}
          onSend={(v: { reason: string; span: [string, string]; minutes: number; urgent?: boolean }) =>
            send.mutate({
              body: {
                residentId,
                kind: homeBedId ? "HOME_BED_ROUND" : "HOME_VISIT",
                source,
                reason: v.reason.trim(),
                wantedFrom: v.span[0],
                wantedTo: v.span[1],
                minutes: v.minutes,
                ...(v.urgent ? { priority: 50 } : {}),
                ...(consultationId ? { consultationId } : {}),
                ...(homeBedId ? { homeBedId } : {}),
              },
            })
          }
        >
          <Form.Item name="reason" label={t("ask.why")} rules={[{ required: true, whitespace: true }]}>
            <Input.TextArea placeholder={t("ask.whyHint")} maxLength={1000} autoSize={{ minRows: 2 }} />
          </Form.Item>
          <Form.Item name="span" label={`${t("ask.from")} – ${t("ask.to")}`} rules={[{ required: true }]}>
            <DayRangePicker />
          </Form.Item>
          <Form.Item name="minutes" label={t("ask.minutes")} rules={[{ required: true }]}>
            <InputNumber min={5} max={240} step={5} />
          </Form.Item>
          <Form.Item name="urgent" valuePropName="checked">
            <Checkbox>{t("ask.urgent")}</Checkbox>
          </Form.Item>
        </FormDialog>
      )}
    </>
  );
}
