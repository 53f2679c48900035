import { DownOutlined, PlusOutlined } from "@ant-design/icons";
import { Alert, App, Button, Dropdown, type MenuProps, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useCatalogue, useCommand, useErrorText, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { hasRole, useMe } from "../auth/useSession";
import { Tone } from "../theme";
import styles from "./Admin.module.css";
import { Invitations } from "./Invitations";
import { Licences } from "./Licences";
import { AddRole, Memberships } from "./Memberships";
import { PersonForm } from "./PersonForm";

type Account = Schemas["UserAccount"];
type Created = Schemas["UserCreated"];

/** Accounts of the organisation: add, disable, give a new first password. */
function PeoplePage() {
  const { t } = useTranslation(["admin", "common"]);
  const { label } = useCatalogue();
  const { message, modal } = App.useApp();
  const errorText = useErrorText();
  const me = useMe();
  const users = useRead("/api/v1/users");
  // Also where the list of what expires leads.
  const [search, setSearch] = useSearchParams();
  const shown = users.data?.find((u) => u.id === search.get("licences"));
  const roles = users.data?.find((u) => u.id === search.get("roles"));
  const [adding, setAdding] = useState(false);
  const [giving, setGiving] = useState(false);
  const [made, setMade] = useState<Created>();
  const refused = { onError: (error: Error) => void message.error(errorText(error)) };
  const changed = () => void users.refetch();
  const disable = useCommand("post", "/api/v1/users/{id}/disable", { ...refused, onSuccess: changed });
  const reset = useCommand("post", "/api/v1/users/{id}/reset-password", {
    ...refused,
    onSuccess: (created) => {
      setMade(created);
      changed();
    },
  });

  const resetFactor = useCommand("post", "/api/v1/users/{id}/reset-second-factor", {
    ...refused,
    onSuccess: (account) => {
      void message.success(t("factors.done", { name: account.name }));
      changed();
    },
  });

  const keeps = hasRole(me, "INST_ADMIN", "SYS_ADMIN");
  const ask = (title: string, onOk: () => void) => modal.confirm({ title, onOk: () => onOk() });
  const actsOf = (u: Account): MenuProps["items"] => [
    ...(keeps
      ? [
          {
            key: "roles",
            label: t("people.role"),
            onClick: () => setSearch({ roles: u.id }, { replace: true }),
          },
          {
            key: "licences",
            label: t("people.licence"),
            onClick: () => setSearch({ licences: u.id }, { replace: true }),
          },
        ]
      : []),
    {
      key: "reset",
      label: t("people.reset"),
      onClick: () => ask(t("people.resetConfirm"), () => reset.mutate({ path: { id: u.id } })),
    },
    ...(u.secondFactor && u.id !== me.id && hasRole(me, "INST_ADMIN", "SEC_ADMIN")
      ? [
          {
            key: "factor",
            label: t("factors.reset"),
            onClick: () => ask(t("factors.resetConfirm"), () => resetFactor.mutate({ path: { id: u.id } })),
          },
        ]
      : []),
    ...(!u.disabled && u.id !== me.id
      ? [
          {
            key: "disable",
            danger: true,
            label: t("people.disable"),
            onClick: () => ask(t("people.disableConfirm"), () => disable.mutate({ path: { id: u.id } })),
          },
        ]
      : []),
  ];

  return (
    <Page
      title={t("people.title")}
      actions={
        keeps && (
          <span className={styles.tags}>
            <Button onClick={() => setGiving(true)}>{t("roles.addExisting")}</Button>
            <Button type="primary" icon={<PlusOutlined />} onClick={() => setAdding(true)}>
              {t("people.add")}
            </Button>
          </span>
        )
      }
    >
      {made && <FirstPassword made={made} onClose={() => setMade(undefined)} />}
      <Loaded query={users}>
        {(rows) => (
          <Table<Account>
            rowKey="id"
            size="middle"
            pagination={false}
            scroll={{ x: "max-content" }}
            dataSource={rows}
            locale={{ emptyText: t("people.empty") }}
            columns={[
              { title: t("people.name"), dataIndex: "name" },
              { title: t("people.username"), dataIndex: "username" },
              {
                title: t("people.role"),
                render: (_, u) =>
                  u.roles
                    .map((m) =>
                      [label("roles", m.role), m.departmentName, m.organisationName]
                        .filter(Boolean)
                        .join(" "),
                    )
                    .join("；"),
              },
              {
                title: t("people.licence"),
                render: (_, u) =>
                  [label("titles", u.titleCode), u.licenceMasked].filter(Boolean).join(" ") || "–",
              },
              {
                title: t("people.state"),
                render: (_, u) =>
                  u.disabled ? (
                    <Tone kind="muted">{t("people.disabled")}</Tone>
                  ) : u.mustChangePassword ? (
                    <Tone kind="caution">{t("people.mustChange")}</Tone>
                  ) : (
                    <Tone kind="good">{t("people.active")}</Tone>
                  ),
              },
              {
                title: t("factors.column"),
                render: (_, u) => (
                  <Tone kind={u.secondFactor ? "good" : "muted"}>
                    {t(u.secondFactor ? "factors.set" : "factors.notSet")}
                  </Tone>
                ),
              },
              {
                key: "acts",
                fixed: "end",
                render: (_, u) => (
                  <Dropdown trigger={["click"]} menu={{ items: actsOf(u) }}>
                    <Button size="small" aria-label={t("people.actsOf", { name: u.name })}>
                      {t("people.acts")} <DownOutlined aria-hidden />
                    </Button>
                  </Dropdown>
                ),
              },
            ]}
          />
        )}
      </Loaded>
      {keeps && <Invitations />}
      {shown && keeps && (
        <Licences of={shown} onChanged={changed} onClose={() => setSearch({}, { replace: true })} />
      )}
      {roles && keeps && (
        <Memberships of={roles} onChanged={changed} onClose={() => setSearch({}, { replace: true })} />
      )}
      {giving && (
        <AddRole
          onClose={() => setGiving(false)}
          onDone={() => {
            setGiving(false);
            changed();
          }}
        />
      )}
      <PersonForm
        open={adding}
        onClose={() => setAdding(false)}
        onCreated={(created) => {
          setAdding(false);
          setMade(created);
          changed();
        }}
      />
    </Page>
  );
}

/** The temporary password, shown once. */
function FirstPassword({ made, onClose }: { made: Created; onClose: () => void }) {
  const { t } = useTranslation(["admin", "common"]);
  return (
    <Alert
      type={made.temporaryPassword ? "success" : "info"}
      showIcon
      closable={{ onClose }}
      title={`${made.user.name} (${made.user.username})`}
      description={
        made.temporaryPassword ? (
          <>
            <p>
              {t("people.password")}: <span className={styles.password}>{made.temporaryPassword}</span>
            </p>
            <p>{t("people.passwordNote")}</p>
          </>
        ) : (
          t("people.passwordGone")
        )
      }
    />
  );
}

export { PeoplePage as Component };
