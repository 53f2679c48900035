import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand } from "../api";
import type { Schemas } from "../api/types";
import styles from "./Admin.module.css";
import { DayRangePicker } from "../dates";
import { FormDialog } from "../dialog";

const clauses = ["purpose", "conditions", "content", "process", "rights", "liability"] as const;

interface Values extends Omit<Schemas["AgreementInput"], "validFrom" | "validTo"> {
  period: [string, string];
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
  const [form] = Form.useForm<Values>();
  const create = useCommand("post", "/api/v1/agreements", {
    onSuccess: () => {
      form.resetFields();
      props.onCreated();
    },
  });
  const parties = (kind: "CARE" | "MEDICAL") =>
    props.organisations.filter((o) => o.kind === kind).map((o) => ({ value: o.id, label: o.name }));
  return (
    <FormDialog<Values>
      title={t("system.addAgreement")}
      open={props.open}
      onClose={props.onClose}
      width="wide"
      act={t("common:actions.save")}
      busy={create.isPending}
      form={form}
      error={create.error}
      fieldNames={{ validFrom: "period", validTo: "period" }}
      onSend={({ period: [from, to], ...rest }) =>
        create.mutate({
          body: { ...rest, validFrom: from, validTo: to },
        })
      }
    >
      <Form.Item name="number" label={t("system.number")} rules={[{ required: true }]}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="period" label={t("system.validity")} rules={[{ required: true }]}>
        <DayRangePicker className={styles.wide} />
      </Form.Item>
      <Form.Item name="invitingOrgId" label={t("system.inviting")} rules={[{ required: true }]}>
        <Select showSearch optionFilterProp="label" options={parties("CARE")} />
      </Form.Item>
      <Form.Item name="invitedOrgId" label={t("system.invited")} rules={[{ required: true }]}>
        <Select showSearch optionFilterProp="label" options={parties("MEDICAL")} />
      </Form.Item>

      <Form.Item name="serviceTypes" label={t("system.services")} rules={[{ required: true }]}>
        <Select mode="multiple" optionFilterProp="label" options={options("serviceTypes")} />
      </Form.Item>
      <Form.Item name="departmentCodes" label={t("system.departments")} rules={[{ required: true }]}>
        <Select
          mode="multiple"
          showSearch={{ optionFilterProp: "search" }}
          options={options("departments")}
        />
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
    </FormDialog>
  );
}
