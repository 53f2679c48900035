import { App, Button, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand, useErrorText, useRead } from "../api";
import type { Role, Schemas } from "../api/types";
import { useMe } from "../auth/useSession";
import { FormDialog } from "../dialog";
import styles from "./Admin.module.css";
import { LicenceFields, type LicenceValues, licenceKinds, licenceOf } from "./LicenceFields";
import { rolesOf } from "./rolesOf";

type Account = Schemas["UserAccount"];
type Held = Schemas["Membership"];

const reasons = ["LEFT", "MOVED", "MISTAKE", "OTHER"] as const;

/** The roles that somebody holds here: one more, or one that ends. */
export function Memberships({
  of,
  onChanged,
  onClose,
}: {
  of: Account;
  onChanged: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation(["admin", "common"]);
  const { label } = useCatalogue();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const me = useMe();
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<Held>();
  const [reason, setReason] = useState<(typeof reasons)[number]>("LEFT");
  const end = useCommand("post", "/api/v1/memberships/{id}/end", {
    onSuccess: () => {
      setEnding(undefined);
      onChanged();
    },
    onError: (error) => void message.error(errorText(error)),
  });
  return (
    <Modal open title={t("roles.title", { name: of.name })} onCancel={onClose} footer={null} width={720}>
      <ul className={styles.licences}>
        {of.roles.map((m) => (
          <li key={m.id}>
            <strong>{label("roles", m.role)}</strong>
            <span>{[m.organisationName, m.departmentName].filter(Boolean).join(" ")}</span>
            {of.id !== me.id && (
              <Button size="small" onClick={() => setEnding(m)}>
                {t("roles.end")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {of.roles.length === 0 && <p>{t("roles.none")}</p>}
      {of.id !== me.id && (
        <Button type="primary" onClick={() => setAdding(true)}>
          {t("roles.add")}
        </Button>
      )}
      {adding && (
        <AddRole
          username={of.username}
          onClose={() => setAdding(false)}
          onDone={() => {
            setAdding(false);
            onChanged();
          }}
        />
      )}
      {ending && (
        <Modal
          open
          title={t("roles.endTitle", { role: label("roles", ending.role) })}
          okText={t("roles.end")}
          okButtonProps={{ danger: true }}
          confirmLoading={end.isPending}
          onCancel={() => setEnding(undefined)}
          onOk={() => ending.id && end.mutate({ path: { id: ending.id }, body: { reason } })}
        >
          <p>{t("roles.endHint")}</p>
          <label className={styles.field} htmlFor="role-end-reason">
            {t("roles.reason")}
            <Select
              id="role-end-reason"
              value={reason}
              onChange={setReason}
              options={reasons.map((value) => ({ value, label: t(`roles.reasons.${value}`) }))}
            />
          </label>
        </Modal>
      )}
    </Modal>
  );
}

interface Values {
  username: string;
  organisationId?: string;
  departmentId?: string;
  role: Role;
  licence?: LicenceValues;
}

/** A further role for somebody who has an account already, also from another institution. */
export function AddRole({
  username,
  onClose,
  onDone,
}: {
  username?: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const { t } = useTranslation(["admin", "common"]);
  const { label } = useCatalogue();
  const me = useMe();
  const [form] = Form.useForm<Values>();
  const all = useRead("/api/v1/organisations").data ?? [];
  const isSystem = me.memberships.some((m) => m.role === "SYS_ADMIN");
  const mine = isSystem
    ? all
    : all.filter((o) => me.memberships.some((m) => m.role === "INST_ADMIN" && m.organisationId === o.id));
  const chosen = Form.useWatch("organisationId", form);
  const organisation = mine.find((o) => o.id === chosen) ?? mine[0];
  const role = Form.useWatch("role", form);
  const kinds = role ? licenceKinds([role]) : [];
  const add = useCommand("post", "/api/v1/memberships", { onSuccess: onDone });
  const submit = ({ licence, ...rest }: Values) => {
    const entered = licenceOf(licence);
    add.mutate({
      body: {
        ...rest,
        organisationId: rest.organisationId ?? organisation?.id ?? "",
        ...(entered ? { licence: entered } : {}),
      },
    });
  };
  return (
    <FormDialog<Values>
      title={t("roles.add")}
      open
      onClose={onClose}
      width="wide"
      act={t("common:actions.save")}
      busy={add.isPending}
      form={form}
      error={add.error}
      onSend={submit}
    >
      <Form.Item
        name="username"
        label={t("people.username")}
        extra={t("roles.usernameHint")}
        initialValue={username}
        rules={[{ required: true }]}
      >
        <Input maxLength={64} autoComplete="off" readOnly={username !== undefined} />
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
      {role && kinds.length > 0 && (
        <fieldset className={styles.group} key={kinds.join()}>
          <legend>{t("roles.licence")}</legend>
          <LicenceFields of={kinds} required={false} />
        </fieldset>
      )}
    </FormDialog>
  );
}
