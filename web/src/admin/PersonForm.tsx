import { Form, Input } from "antd";
import { useTranslation } from "react-i18next";
import { useCommand } from "../api";
import type { Role, Schemas } from "../api/types";
import { FormDialog } from "../dialog";
import { RoleFields, type RoleValues, roleOf, useOwnOrganisations } from "./RoleFields";

/** Who cannot act without a licence; a nurse's may be entered later. */
const needsLicence = new Set<Role>(["CONSULTANT", "ATTENDING", "FAMILY_DOCTOR", "PHARMACIST"]);

interface Values extends RoleValues {
  username: string;
  name: string;
}

/** A new account with its role and, for doctors and nurses, the licence that lets them act. */
export function PersonForm(props: {
  open: boolean;
  onClose: () => void;
  onCreated: (created: Schemas["UserCreated"]) => void;
}) {
  const { t } = useTranslation(["admin", "common"]);
  const [form] = Form.useForm<Values>();
  const mine = useOwnOrganisations(props.open);
  const create = useCommand("post", "/api/v1/users", {
    onSuccess: (created) => {
      form.resetFields();
      props.onCreated(created);
    },
  });
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
      onSend={(values) => create.mutate({ body: roleOf(values, mine) })}
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
      <RoleFields
        form={form}
        mine={mine}
        legend={t("people.licence")}
        licensed={(role) => needsLicence.has(role)}
      />
    </FormDialog>
  );
}
