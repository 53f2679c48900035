import { DatePicker, Form, Input, Modal, Select } from "antd";
import type { Dayjs } from "dayjs";
import { useTranslation } from "react-i18next";
import { fieldErrors, useCatalogue, useCommand, useErrorText } from "../api";
import type { Schemas } from "../api/types";
import styles from "./Admin.module.css";

const clauses = ["purpose", "conditions", "content", "process", "rights", "liability"] as const;

interface Values extends Omit<Schemas["AgreementInput"], "validFrom" | "validTo"> {
  period: [Dayjs, Dayjs];
}

/** A cooperation agreement between two organisations with its six clause groups. */
export function AgreementForm(props: {
  open: boolean;
  organisations: Schemas["Organisation"][];
  onClose: () => void;
  onCreated: () => void;
}) {
  const { t } = useTranslation(["admin", "common"]);
  const { options } = useCatalogue();
  const errorText = useErrorText();
  const [form] = Form.useForm<Values>();
  const create = useCommand("post", "/api/v1/agreements", {
    onSuccess: () => {
      form.resetFields();
      props.onCreated();
    },
    onError: (error) =>
      form.setFields(
        fieldErrors(error).map((f) => ({
          ...f,
          name: f.name[0] === "validFrom" || f.name[0] === "validTo" ? ["period"] : f.name,
        })) as Parameters<typeof form.setFields>[0],
      ),
  });
  const parties = (kind: "CARE" | "MEDICAL") =>
    props.organisations.filter((o) => o.kind === kind).map((o) => ({ value: o.id, label: o.name }));
  return (
    <Modal
      open={props.open}
      title={t("system.addAgreement")}
      okText={t("common:actions.save")}
      cancelText={t("common:actions.cancel")}
      confirmLoading={create.isPending}
      onOk={() => form.submit()}
      onCancel={props.onClose}
      width="min(52rem, 96vw)"
    >
      <Form<Values>
        form={form}
        layout="vertical"
        onFinish={({ period: [from, to], ...rest }) =>
          create.mutate({
            body: { ...rest, validFrom: from.format("YYYY-MM-DD"), validTo: to.format("YYYY-MM-DD") },
          })
        }
      >
        <div className={styles.two}>
          <Form.Item name="number" label={t("system.number")} rules={[{ required: true }]}>
            <Input maxLength={60} />
          </Form.Item>
          <Form.Item name="period" label={t("system.validity")} rules={[{ required: true }]}>
            <DatePicker.RangePicker className={styles.wide} />
          </Form.Item>
          <Form.Item name="invitingOrgId" label={t("system.inviting")} rules={[{ required: true }]}>
            <Select showSearch optionFilterProp="label" options={parties("CARE")} />
          </Form.Item>
          <Form.Item name="invitedOrgId" label={t("system.invited")} rules={[{ required: true }]}>
            <Select showSearch optionFilterProp="label" options={parties("MEDICAL")} />
          </Form.Item>
        </div>
        <Form.Item name="serviceTypes" label={t("system.services")} rules={[{ required: true }]}>
          <Select mode="multiple" optionFilterProp="label" options={options("serviceTypes")} />
        </Form.Item>
        <Form.Item name="departmentCodes" label={t("system.departments")} rules={[{ required: true }]}>
          <Select mode="multiple" optionFilterProp="label" options={options("departments")} />
        </Form.Item>
        {clauses.map((c) => (
          <Form.Item
            key={c}
            name={["clauses", c]}
            label={t(`system.clauses.${c}`)}
            rules={[{ required: true }]}
          >
            <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} maxLength={4000} />
          </Form.Item>
        ))}
        {create.error && (
          <p role="alert" className={styles.failed}>
            {errorText(create.error)}
          </p>
        )}
      </Form>
    </Modal>
  );
}
