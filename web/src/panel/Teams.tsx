import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Form, Input, Select, Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { useMe } from "../auth/useSession";
import { FormDialog } from "../dialog";
import { Tone } from "../theme";
import styles from "./Panel.module.css";
import { usePanelRefresh } from "./usePanelRefresh";

type Team = Schemas["FdTeam"];
type Member = Schemas["FdTeamMember"];

/** The teams of the institution with their members. */
export function Teams() {
  const { t } = useTranslation("panel");
  const { chosen } = useCatalogue();
  const teams = useRead("/api/v1/fd-teams");
  const [editing, setEditing] = useState<Team | "new">();
  return (
    <Loaded query={teams}>
      {(rows) => (
        <div className={styles.stack}>
          <span>
            <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setEditing("new")}>
              {t("teams.add")}
            </Button>
          </span>
          {rows.length === 0 && <p className={styles.quiet}>{t("teams.none")}</p>}
          {rows.map((team) => (
            <section key={team.id} className={styles.card} aria-label={team.name}>
              <header className={styles.cardHead}>
                <span className={styles.line}>
                  <h2>{team.name}</h2>
                  {!team.active && <Tone kind="muted">{t("teams.closed")}</Tone>}
                  <span className={styles.quiet}>
                    {[team.phone, t("teams.residents", { n: team.residents })].filter(Boolean).join(" · ")}
                  </span>
                </span>
                <Button onClick={() => setEditing(team)}>{t("teams.edit")}</Button>
              </header>
              <p className={styles.line}>
                {team.members.map((m) => (
                  <span key={m.userId}>
                    {m.name} <span className={styles.quiet}>{chosen("fd_member_part", m.part)}</span>
                  </span>
                ))}
              </p>
            </section>
          ))}
          {editing && (
            <TeamDialog
              {...(editing === "new" ? {} : { team: editing })}
              onClose={() => setEditing(undefined)}
            />
          )}
        </div>
      )}
    </Loaded>
  );
}

function TeamDialog({ team, onClose }: { team?: Team; onClose: () => void }) {
  const { t } = useTranslation("panel");
  const { choices } = useCatalogue();
  const [form] = Form.useForm();
  const refresh = usePanelRefresh();
  const me = useMe();
  const users = useRead("/api/v1/users").data ?? [];
  const done = () => {
    refresh();
    onClose();
  };
  const create = useCommand("post", "/api/v1/fd-teams", { onSuccess: done });
  const update = useCommand("put", "/api/v1/fd-teams/{id}", { onSuccess: done });
  const org =
    team?.organisationId ??
    me.memberships.find((m) => m.role === "INST_ADMIN" && m.organisationKind === "MEDICAL")?.organisationId;
  const people = users
    .filter((u) => !u.disabled && u.roles.some((r) => r.organisationId === org))
    .map((u) => ({ value: u.id, label: u.name }));
  const needed = { required: true, message: t("needed") };
  return (
    <FormDialog<{ name: string; phone?: string; active?: boolean; members: Member[] }>
      title={t(team ? "teams.edit" : "teams.add")}
      act={t("teams.save")}
      width="wide"
      form={form}
      initial={
        team
          ? {
              name: team.name,
              phone: team.phone,
              active: team.active,
              members: team.members.map(({ userId, part }) => ({ userId, part })),
            }
          : { members: [{ part: "LEADER" }] }
      }
      busy={create.isPending || update.isPending}
      error={create.error ?? update.error}
      onClose={onClose}
      onSend={({ name, phone, active, members }) => {
        const body = { name: name.trim(), phone: phone?.trim() ?? "", members };
        if (team) {
          update.mutate({
            path: { id: team.id },
            body: { ...body, active: active ?? true, revision: team.revision },
          });
        } else {
          create.mutate({ body: { ...body, ...(org ? { organisationId: org } : {}) } });
        }
      }}
    >
      <Form.Item name="name" label={t("teams.name")} rules={[needed]}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="phone" label={t("teams.phone")}>
        <Input maxLength={30} inputMode="tel" />
      </Form.Item>
      {team && (
        <Form.Item name="active" label={t("teams.active")} valuePropName="checked">
          <Switch />
        </Form.Item>
      )}
      <div className={styles.wide}>
        <Form.List name="members">
          {(fields, { add, remove }, { errors }) => (
            <>
              {fields.map((field) => (
                <div key={field.key} className={styles.member}>
                  <Form.Item name={[field.name, "userId"]} label={t("teams.member")} rules={[needed]}>
                    <Select showSearch={{ optionFilterProp: "label" }} options={people} />
                  </Form.Item>
                  <Form.Item name={[field.name, "part"]} label={t("teams.part")} rules={[needed]}>
                    <Select options={choices("fd_member_part")} />
                  </Form.Item>
                  <Form.Item label=" ">
                    <Button
                      icon={<DeleteOutlined aria-hidden />}
                      aria-label={t("teams.remove", { n: field.name + 1 })}
                      onClick={() => remove(field.name)}
                    />
                  </Form.Item>
                </div>
              ))}
              <Form.ErrorList errors={errors} />
              <Button icon={<PlusOutlined aria-hidden />} onClick={() => add({ part: "DOCTOR" })}>
                {t("teams.addMember")}
              </Button>
            </>
          )}
        </Form.List>
      </div>
    </FormDialog>
  );
}
