import { useQueryClient } from "@tanstack/react-query";
import { App, Button, Form, Input, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { readKey, useCatalogue, useCommand, useErrorText } from "../api";
import type { Schemas } from "../api/types";
import { useMe } from "../auth/useSession";
import { FormDialog } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import styles from "./Admin.module.css";
import { RoleFields, type RoleValues, roleOf, useOwnOrganisations } from "./RoleFields";

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

interface Values extends RoleValues {
  username: string;
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
  const [form] = Form.useForm<Values>();
  const mine = useOwnOrganisations();
  const { message } = App.useApp();
  const format = useFormat();
  const queries = useQueryClient();
  const add = useCommand("post", "/api/v1/memberships", {
    onSuccess: (given) => {
      void queries.invalidateQueries({ queryKey: readKey("/api/v1/membership-invitations") });
      if ("expiresAt" in given)
        void message.info(
          t("invitations.sent", { username: given.username, day: format.day(given.expiresAt) }),
          8,
        );
      onDone();
    },
  });
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
      onSend={(values) => add.mutate({ body: roleOf(values, mine) })}
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
      <RoleFields form={form} mine={mine} legend={t("roles.licence")} licensed={() => false} />
    </FormDialog>
  );
}
