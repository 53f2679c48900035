import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand } from "../api";
import type { Schemas } from "../api/types";
import styles from "./Admin.module.css";
import { DayPicker } from "../dates";
import { FormDialog } from "../dialog";

type Organisation = Schemas["Organisation"];
const kinds = ["CARE", "MEDICAL", "AUTHORITY"] as const;
const licenceKinds = ["MEDICAL_PRACTICE", "CLINIC_FILING", "CARE_FILING", "INTERNET_HOSPITAL"] as const;

interface Values extends Omit<Schemas["OrganisationInput"], "licences"> {
  licences?: {
    kind: (typeof licenceKinds)[number];
    number: string;
    departmentCodes?: string[];
    validFrom: string;
    validTo?: string;
  }[];
}

/** A new organisation with its licences and departments. */
export function OrganisationForm(props: {
  open: boolean;
  organisations: Organisation[];
  onClose: () => void;
  onCreated: () => void;
}) {
  const { t } = useTranslation(["admin", "common"]);
  const { options } = useCatalogue();
  const [form] = Form.useForm<Values>();
  const create = useCommand("post", "/api/v1/organisations", {
    onSuccess: () => {
      form.resetFields();
      props.onCreated();
    },
  });
  const search = { showSearch: true, optionFilterProp: "label" } as const;
  const submit = ({ licences, creditCode, ...rest }: Values) =>
    create.mutate({
      body: {
        ...rest,
        ...(creditCode ? { creditCode } : {}),
        licences: (licences ?? []).map((l) => ({
          kind: l.kind,
          number: l.number,
          departmentCodes: l.departmentCodes ?? [],
          validFrom: l.validFrom,
          ...(l.validTo ? { validTo: l.validTo } : {}),
        })),
      },
    });
  return (
    <FormDialog<Values>
      title={t("system.addOrganisation")}
      open={props.open}
      onClose={props.onClose}
      width="wide"
      act={t("common:actions.save")}
      busy={create.isPending}
      form={form}
      initial={{ phone: "", address: "" }}
      error={create.error}
      onSend={submit}
    >
      <Form.Item name="name" label={t("system.name")} rules={[{ required: true }]}>
        <Input maxLength={100} />
      </Form.Item>
      <Form.Item name="kind" label={t("system.kind")} rules={[{ required: true }]}>
        <Select options={kinds.map((k) => ({ value: k, label: t(`system.kinds.${k}`) }))} />
      </Form.Item>
      <Form.Item name="typeCode" label={t("system.type")} rules={[{ required: true }]}>
        <Select {...search} options={options("institutionTypes")} />
      </Form.Item>
      <Form.Item name="creditCode" label={t("system.creditCode")}>
        <Input maxLength={18} />
      </Form.Item>
      <Form.Item name="regionCode" label={t("system.region")} rules={[{ required: true }]}>
        <Select showSearch={{ optionFilterProp: "search" }} options={options("divisions")} />
      </Form.Item>
      <Form.Item name="reportingParentId" label={t("system.parent")}>
        <Select
          {...search}
          allowClear
          options={props.organisations.map((o) => ({ value: o.id, label: o.name }))}
        />
      </Form.Item>
      <Form.Item name="phone" label={t("system.phone")}>
        <Input maxLength={30} />
      </Form.Item>
      <Form.Item name="address" label={t("system.address")} extra={t("system.addressHint")}>
        <Input maxLength={200} />
      </Form.Item>

      <Form.Item name="departmentCodes" label={t("system.departments")}>
        <Select
          mode="multiple"
          showSearch={{ optionFilterProp: "search" }}
          options={options("departments")}
        />
      </Form.Item>
      <Form.List name="licences">
        {(fields, { add, remove }) => (
          <>
            {fields.map((f) => (
              <fieldset key={f.key} className={styles.group}>
                <legend>{t("system.licences")}</legend>
                <div className={styles.two}>
                  <Form.Item
                    name={[f.name, "kind"]}
                    label={t("people.licenceKind")}
                    rules={[{ required: true }]}
                  >
                    <Select
                      options={licenceKinds.map((k) => ({
                        value: k,
                        label: t(`system.licenceKinds.${k}`),
                      }))}
                    />
                  </Form.Item>
                  <Form.Item
                    name={[f.name, "number"]}
                    label={t("system.licenceNumber")}
                    rules={[{ required: true }]}
                  >
                    <Input maxLength={40} />
                  </Form.Item>
                  <Form.Item
                    name={[f.name, "validFrom"]}
                    label={t("system.validFrom")}
                    rules={[{ required: true }]}
                  >
                    <DayPicker className={styles.wide} />
                  </Form.Item>
                  <Form.Item name={[f.name, "validTo"]} label={t("system.validTo")}>
                    <DayPicker className={styles.wide} />
                  </Form.Item>
                </div>
                <Form.Item name={[f.name, "departmentCodes"]} label={t("system.departments")}>
                  <Select
                    mode="multiple"
                    showSearch={{ optionFilterProp: "search" }}
                    options={options("departments")}
                  />
                </Form.Item>
                <Button icon={<DeleteOutlined />} onClick={() => remove(f.name)}>
                  {t("common:actions.delete")}
                </Button>
              </fieldset>
            ))}
            <Button icon={<PlusOutlined />} onClick={() => add()}>
              {t("system.licences")}
            </Button>
          </>
        )}
      </Form.List>
    </FormDialog>
  );
}
