import { App, Button, Popconfirm } from "antd";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand, useErrorText, useRead } from "../api";
import { call } from "../api/hooks";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServices } from "../app/services";
import { Panel } from "../desk/parts/Panel";
import { useFormat } from "../i18n/useFormat";
import styles from "./Life.module.css";

/** Roles that other institutions offer to the person: each begins when it is accepted, and not before. */
function InvitationsPage() {
  const { t } = useTranslation("life");
  const list = useRead("/api/v1/me/invitations");
  return (
    <Page title={t("invitations.title")}>
      <Loaded query={list}>
        {(rows) =>
          rows.length === 0 ? (
            <p>{t("invitations.none")}</p>
          ) : (
            rows.map((one) => <Offered key={one.id} of={one} onAnswered={() => void list.refetch()} />)
          )
        }
      </Loaded>
    </Page>
  );
}
export { InvitationsPage as Component };

function Offered({ of, onAnswered }: { of: Schemas["MembershipInvitation"]; onAnswered: () => void }) {
  const { t } = useTranslation("life");
  const { label } = useCatalogue();
  const format = useFormat();
  const { session, api } = useServices();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const answer = useCommand("post", "/api/v1/me/invitations/{id}/answer", {
    onSuccess: async ({ state }) => {
      void message.success(t(state === "ACCEPTED" ? "invitations.accepted" : "invitations.declined"));
      onAnswered();
      if (state === "ACCEPTED") session.setMe(await call(api, "get", "/api/v1/me", {}));
    },
    onError: (error) => {
      void message.error(errorText(error));
      onAnswered();
    },
  });
  const send = (accept: boolean) => answer.mutate({ path: { id: of.id }, body: { accept } });
  return (
    <Panel title={of.organisationName}>
      <p>
        <strong>{[label("roles", of.role), of.departmentName].filter(Boolean).join(" ")}</strong>
      </p>
      <p className={styles.quiet}>
        {t("invitations.by", { name: of.invitedBy, day: format.day(of.invitedAt) })}{" "}
        {t("invitations.until", { day: format.day(of.expiresAt) })}
      </p>
      {of.licenceMasked && <p>{t("invitations.licence", { number: of.licenceMasked })}</p>}
      <p>{t("invitations.means")}</p>
      <div className={styles.acts}>
        <Popconfirm title={t("invitations.declineConfirm")} onConfirm={() => send(false)}>
          <Button disabled={answer.isPending}>{t("invitations.decline")}</Button>
        </Popconfirm>
        <Button type="primary" loading={answer.isPending} onClick={() => send(true)}>
          {t("invitations.accept")}
        </Button>
      </div>
    </Panel>
  );
}
