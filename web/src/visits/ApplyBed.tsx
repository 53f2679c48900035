import { Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useCommand, useRead } from "../api";
import { ResidentField } from "../around/ResidentField";
import { FormDialog } from "../dialog";
import { useLanguage } from "../i18n/useLanguage";
import { useVisitsRefresh } from "./useVisits";

/** Applies for a home bed of a resident, who is chosen where none is given; the application then waits for a doctor's assessment on its own page. */
export function ApplyBed({ residentId }: { residentId?: string }) {
  const { t } = useTranslation("visits");
  const [open, setOpen] = useState(false);
  const [form] = Form.useForm();
  const refresh = useVisitsRefresh();
  const navigate = useNavigate();
  const send = useCommand("post", "/api/v1/home-beds", {
    onSuccess: (bed) => {
      setOpen(false);
      refresh();
      void navigate(`/home-beds/${bed.id}`);
    },
  });
  return (
    <>
      <Button onClick={() => setOpen(true)}>{t("bed.apply")}</Button>
      {open && (
        <FormDialog
          title={t("bed.applyTitle")}
          onClose={() => setOpen(false)}
          act={t("bed.send")}
          form={form}
          busy={send.isPending}
          error={send.error}
          onSend={(v: { residentId?: string; diagnosisCode: string; reason: string }) =>
            send.mutate({
              body: {
                residentId: residentId ?? v.residentId ?? "",
                diagnosisCode: v.diagnosisCode,
                reason: v.reason.trim(),
              },
            })
          }
        >
          {!residentId && <ResidentField required />}
          <Form.Item name="diagnosisCode" label={t("bed.diagnosis")} rules={[{ required: true }]}>
            <Diagnosis />
          </Form.Item>
          <Form.Item name="reason" label={t("bed.reason")} rules={[{ required: true, whitespace: true }]}>
            <Input.TextArea maxLength={1000} autoSize={{ minRows: 3 }} />
          </Form.Item>
        </FormDialog>
      )}
    </>
  );
}

/** One diagnosis, found by name, pinyin initials or ICD-10 code. */
function Diagnosis(props: { id?: string; value?: string; onChange?: (code: string) => void }) {
  const { t } = useTranslation("visits");
  const language = useLanguage();
  const [typed, setTyped] = useState("");
  const q = typed.trim();
  const found = useRead("/api/v1/conditions", { query: { q } }, { enabled: q !== "", keepPrevious: true });
  const [label, setLabel] = useState<string>();
  return (
    <Select
      {...props}
      showSearch={{ filterOption: false, onSearch: setTyped }}
      options={(q ? (found.data ?? []) : []).map((term) => ({
        value: term.code,
        label: `${language === "en" ? term.en : term.zh} ${term.code}`,
      }))}
      labelRender={(chosen) => chosen.label ?? label ?? chosen.value}
      onSelect={(_, option) => setLabel(option.label)}
      placeholder={t("bed.diagnosisHint")}
      notFoundContent={t(q ? "bed.noDiagnosis" : "bed.diagnosisHint")}
    />
  );
}
