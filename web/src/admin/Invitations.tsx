import { App, Popconfirm, Button, Table } from "antd";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand, useErrorText, useRead } from "../api";
import type { Schemas } from "../api/types";
import { useFormat } from "../i18n/useFormat";
import { Tone, type ToneKind } from "../theme";
import styles from "./Admin.module.css";

type Invitation = Schemas["MembershipInvitation"];

const tones: Record<Invitation["state"], ToneKind> = {
  OPEN: "caution",
  ACCEPTED: "good",
  DECLINED: "muted",
  WITHDRAWN: "muted",
  EXPIRED: "muted",
};

/** Roles that were offered to people of elsewhere, and what became of them; nothing where nobody was asked. */
export function Invitations() {
  const { t } = useTranslation(["admin", "common"]);
  const { label } = useCatalogue();
  const format = useFormat();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const list = useRead("/api/v1/membership-invitations");
  const withdraw = useCommand("post", "/api/v1/membership-invitations/{id}/withdraw", {
    onSuccess: () => void list.refetch(),
    onError: (error) => void message.error(errorText(error)),
  });
  if (!list.data?.length) return null;
  return (
    <section aria-labelledby="invitations">
      <h2 id="invitations">{t("invitations.title")}</h2>
      <p className={styles.quiet}>{t("invitations.hint")}</p>
      <Table<Invitation>
        rowKey="id"
        size="middle"
        pagination={list.data.length > 10 ? { pageSize: 10, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
        dataSource={list.data}
        columns={[
          { title: t("people.username"), dataIndex: "username" },
          {
            title: t("people.role"),
            render: (_, i) =>
              [label("roles", i.role), i.departmentName, i.organisationName].filter(Boolean).join(" "),
          },
          { title: t("invitations.by"), render: (_, i) => `${i.invitedBy} ${format.day(i.invitedAt)}` },
          {
            title: t("people.state"),
            render: (_, i) => (
              <Tone kind={tones[i.state]}>
                {t(`invitations.states.${i.state}`, { day: format.day(i.closedAt ?? i.expiresAt) })}
              </Tone>
            ),
          },
          {
            key: "acts",
            fixed: "right",
            render: (_, i) =>
              i.state === "OPEN" && (
                <Popconfirm
                  title={t("invitations.withdrawConfirm", { username: i.username })}
                  onConfirm={() => withdraw.mutate({ path: { id: i.id } })}
                >
                  <Button size="small">{t("invitations.withdraw")}</Button>
                </Popconfirm>
              ),
          },
        ]}
      />
    </section>
  );
}
