import { Checkbox, Form, Input, InputNumber, Select } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrors, useCatalogue, useCommand } from "../api";
import styles from "./Around.module.css";
import { type CareFile, useKeepCareFile } from "./useCareFile";
import { DayPicker, MomentPicker, useToday } from "../dates";
import { FormDialog } from "../dialog";

interface Values {
  name: string;
  source: string;
  dose: string;
  frequency: string;
  route: string;
  startedOn: string;
  expiresOn?: string;
  note?: string;
  allergyReason?: string;
  prescription?: {
    number: string;
    institution: string;
    who?: string;
    pharmacist?: string;
    reviewedAt?: string;
    supplyWeeks?: number;
    assessed?: boolean;
  };
}

/** Of who reviewed a prescription: somebody where it was written. */
const elsewhere = "ELSEWHERE";

/** Registers a medicine. The reason for one that matches an allergy is asked when the server says that it does. */
export function MedicationForm({
  residentId,
  reviewers,
  onClose,
}: {
  residentId: string;
  /** whose pharmacists can be asked to review a prescription */
  reviewers: CareFile["reviewers"];
  onClose: () => void;
}) {
  const { t } = useTranslation(["around", "common"]);
  const { options } = useCatalogue();
  const [form] = Form.useForm();
  const today = useToday();
  const [withRx, setWithRx] = useState(false);
  const [allergic, setAllergic] = useState(false);
  const keep = useKeepCareFile(residentId);
  const add = useCommand("post", "/api/v1/residents/{id}/medications", {
    onSuccess: (file) => {
      keep(file);
      onClose();
    },
    onError: (error) => {
      if (fieldErrors(error).some((f) => f.name[0] === "allergyReason")) setAllergic(true);
    },
  });
  const { error } = add;
  const who = (Form.useWatch(["prescription", "who"], form) as string | undefined) ?? elsewhere;
  // The field of the reason is there only after the server has asked for it.
  useEffect(() => {
    if (allergic) form.setFields(fieldErrors(error));
  }, [error, allergic, form]);
  const send = (v: Values) => {
    const rx = v.prescription;
    add.mutate({
      path: { id: residentId },
      body: {
        source: v.source,
        name: v.name.trim(),
        dose: v.dose.trim(),
        frequency: v.frequency,
        route: v.route,
        startedOn: v.startedOn,
        ...(v.expiresOn ? { expiresOn: v.expiresOn } : {}),
        ...(v.note?.trim() ? { note: v.note.trim() } : {}),
        ...(v.allergyReason?.trim() ? { allergyReason: v.allergyReason.trim() } : {}),
        ...(withRx && rx
          ? {
              prescription: {
                number: rx.number,
                institution: rx.institution,
                ...(rx.who && rx.who !== elsewhere
                  ? { reviewOrgId: rx.who }
                  : {
                      ...(rx.pharmacist ? { pharmacist: rx.pharmacist } : {}),
                      ...(rx.reviewedAt ? { reviewedAt: rx.reviewedAt } : {}),
                    }),
                ...(rx.supplyWeeks ? { supplyWeeks: rx.supplyWeeks } : {}),
                ...(rx.assessed ? { assessed: true } : {}),
              },
            }
          : {}),
      },
    });
  };
  const needed = { required: true, message: t("form.needed") };
  return (
    <FormDialog
      title={t("file.addMedication")}
      onClose={onClose}
      width="wide"
      act={t("form.save")}
      busy={add.isPending}
      form={form}
      initial={{ source: "OWN", frequency: "QD", route: "ORAL", startedOn: today }}
      error={add.error}
      onSend={send}
    >
      <Form.Item name="name" label={t("form.name")} rules={[needed]}>
        <Input maxLength={100} autoComplete="off" />
      </Form.Item>
      <Form.Item name="source" label={t("form.source")} rules={[needed]}>
        <Select options={options("medSources")} />
      </Form.Item>
      <Form.Item name="dose" label={t("form.dose")} rules={[needed]}>
        <Input maxLength={60} placeholder={t("form.doseHint")} autoComplete="off" />
      </Form.Item>
      <Form.Item name="frequency" label={t("form.frequency")} rules={[needed]}>
        <Select options={options("medFrequencies")} />
      </Form.Item>
      <Form.Item name="route" label={t("form.route")} rules={[needed]}>
        <Select options={options("medRoutes")} />
      </Form.Item>
      <Form.Item name="startedOn" label={t("form.startedOn")} rules={[needed]}>
        <DayPicker className={styles.full} max={today} />
      </Form.Item>
      <Form.Item name="expiresOn" label={t("form.expiresOn")}>
        <DayPicker className={styles.full} />
      </Form.Item>
      <Form.Item name="note" label={t("form.note")}>
        <Input maxLength={300} autoComplete="off" />
      </Form.Item>
      {allergic && (
        <Form.Item name="allergyReason" label={t("form.allergyReason")} className={styles.wide ?? ""}>
          <Input.TextArea maxLength={300} autoSize={{ minRows: 2, maxRows: 4 }} />
        </Form.Item>
      )}

      <Checkbox checked={withRx} onChange={(event) => setWithRx(event.target.checked)}>
        {t("form.rx")}
      </Checkbox>
      {withRx && (
        <>
          <Form.Item name={["prescription", "number"]} label={t("form.rxNumber")} rules={[needed]}>
            <Input maxLength={60} autoComplete="off" />
          </Form.Item>
          <Form.Item name={["prescription", "institution"]} label={t("form.rxInstitution")} rules={[needed]}>
            <Input maxLength={100} autoComplete="off" />
          </Form.Item>
          {reviewers.length > 0 && (
            <Form.Item
              name={["prescription", "who"]}
              label={t("form.rxWho")}
              className={styles.wide ?? ""}
              initialValue={reviewers[0]?.id}
            >
              <Select
                options={[
                  ...reviewers.map((r) => ({ value: r.id, label: t("form.rxAsk", { name: r.name }) })),
                  { value: elsewhere, label: t("form.rxElsewhere") },
                ]}
              />
            </Form.Item>
          )}
          {who === elsewhere && (
            <>
              <Form.Item
                name={["prescription", "pharmacist"]}
                label={t("form.rxPharmacist")}
                rules={[needed]}
              >
                <Input maxLength={50} autoComplete="off" />
              </Form.Item>
              <Form.Item
                name={["prescription", "reviewedAt"]}
                label={t("form.rxReviewedAt")}
                rules={[needed]}
              >
                <MomentPicker className={styles.full} />
              </Form.Item>
            </>
          )}
          <Form.Item name={["prescription", "supplyWeeks"]} label={t("form.rxWeeks")}>
            <InputNumber min={1} max={52} className={styles.full ?? ""} />
          </Form.Item>
          <Form.Item
            name={["prescription", "assessed"]}
            valuePropName="checked"
            className={styles.wide ?? ""}
          >
            <Checkbox>{t("form.rxAssessed")}</Checkbox>
          </Form.Item>
        </>
      )}
    </FormDialog>
  );
}
