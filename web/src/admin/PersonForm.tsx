import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand, useRead } from "../api";
import type { Role, Schemas } from "../api/types";
import { useMe } from "../auth/useSession";
import styles from "./Admin.module.css";
import { FormDialog } from "../dialog";
import { LicenceFields, type LicenceValues, licenceKinds, licenceOf } from "./LicenceFields";
import { rolesOf } from "./rolesOf";

/** Who cannot act without a licence; a nurse's may be entered later. */
const needsLicence = new Set<Role>(["CONSULTANT", "ATTENDING", "FAMILY_DOCTOR", "PHARMACIST"]);

interface Values {
  username: string;
  name: string;
  organisationId: string;
  departmentId?: string;
  role: Role;
  licence?: LicenceValues;
}

/** A new account with its role and, for doctors and nurses, the licence that lets them act. */
export function PersonForm(props: {
  open: boolean;
  onClose: () => void;
  onCreated: (created: Schemas["UserCreated"]) => void;
}) {
  const { t } = useTranslation(["admin", "common"]);
  const { label } = useCatalogue();
  const me = useMe();
  const [form] = Form.useForm<Values>();
  const all = useRead("/api/v1/organisations", {}, { enabled: props.open }).data ?? [];
  const isSystem = me.memberships.some((m) => m.role === "SYS_ADMIN");
  const mine = isSystem ? all : all.filter((o) => me.memberships.some((m) => m.organisationId === o.id));
  const chosen = Form.useWatch("organisationId", form);
  const organisation = mine.find((o) => o.id === chosen) ?? mine[0];
  const role = Form.useWatch("role", form);
  const of = role ? licenceKinds([role]) : [];
  const create = useCommand("post", "/api/v1/users", {
    onSuccess: (created) => {
      form.resetFields();
      props.onCreated(created);
    },
  });

  const submit = ({ licence, ...rest }: Values) => {
    const entered = licenceOf(licence);
    create.mutate({
      body: {
        ...rest,
        organisationId: rest.organisationId ?? organisation?.id ?? "",
        ...(entered ? { licence: entered } : {}),
      },
    });
  };

  return (
    <FormDialog<Values>
      title={t("people.add")}
      open={props.open}
      onClose={props.onClose}
      width="wide"
      act={t("common:actions.save")}
      busy={create.isPending}
      form={form}
      error={create.error}
      onSend={submit}
    >
      <Form.Item name="name" label={t("people.name")} rules={[{ required: true }]}>
        <Input maxLength={50} />
      </Form.Item>
      <Form.Item
        name="username"
        label={t("people.username")}
        extra={t("people.usernameHint")}
        rules={[{ required: true }]}
      >
        <Input maxLength={64} autoComplete="off" />
      </Form.Item>
      {mine.length > 1 && (
        <Form.Item name="organisationId" label={t("people.organisation")} rules={[{ required: true }]}>
          <Select
            showSearch
            optionFilterProp="label"
            options={mine.map((o) => ({ value: o.id, label: o.name }))}
          />
        </Form.Item>
      )}
      <Form.Item name="role" label={t("people.role")} rules={[{ required: true }]}>
        <Select
          onChange={(next: Role) => form.setFieldValue(["licence", "kind"], licenceKinds([next])[0])}
          options={(organisation ? rolesOf[organisation.kind] : []).map((r) => ({
            value: r,
            label: label("roles", r),
          }))}
        />
      </Form.Item>
      {role === "CONSULTANT" && (
        <Form.Item name="departmentId" label={t("people.department")} rules={[{ required: true }]}>
          <Select options={organisation?.departments.map((d) => ({ value: d.id, label: d.name })) ?? []} />
        </Form.Item>
      )}

      {role && of.length > 0 && (
        <fieldset className={styles.group} key={of.join()}>
          <legend>{t("people.licence")}</legend>
          <LicenceFields of={of} required={needsLicence.has(role)} />
        </fieldset>
      )}
    </FormDialog>
  );
}
