import { Checkbox, Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useCommand, useRead } from "../../api";
import type { Schemas } from "../../api/types";
import { hasRole, useMe } from "../../auth/useSession";
import styles from "./Notify.module.css";
import { FormDialog } from "../../dialog";

type Channel = Schemas["NotificationChannel"];
type Kind = Channel["kind"];

const kinds: Kind[] = ["SMS_WEBHOOK", "WECOM_ROBOT", "DINGTALK_ROBOT"];
/** What a group may be told: facts of the organisation, nothing that one person alone is asked. */
const groupEvents = [
  "CRITICAL_PAGE",
  "DISPATCHER_ALERT",
  "RING",
  "REPORT_READY",
  "APPOINTMENT_REMINDER",
  "APPOINTMENT_MOVED",
  "APPOINTMENT_CANCELLED",
] as const;

interface Values {
  organisationId: string;
  kind: Kind;
  name: string;
  url?: string;
  secret?: string;
  events?: Channel["events"];
  locale: Channel["locale"];
}

/** A new channel, or changes of one; address and secret are never shown and stay as they are when left empty. */
export function ChannelForm({
  channel,
  onClose,
  onSaved,
}: {
  channel: Channel | undefined;
  onClose: () => void;
  onSaved: () => void;
}) {
  const { t } = useTranslation(["admin", "common"]);
  const me = useMe();
  const [form] = Form.useForm<Values>();
  const kind = Form.useWatch("kind", form) ?? channel?.kind ?? "SMS_WEBHOOK";
  const organisations = useOrganisations();
  const options = {
    onSuccess: onSaved,
  };
  const create = useCommand("post", "/api/v1/notification-channels", options);
  const update = useCommand("patch", "/api/v1/notification-channels/{id}", options);
  const robot = kind !== "SMS_WEBHOOK";
  const save = ({ organisationId, name, url, secret, events, locale }: Values) => {
    const said = { ...(url ? { url } : {}), ...(secret ? { secret } : {}) };
    if (channel) {
      update.mutate({
        path: { id: channel.id },
        body: { revision: channel.revision, name, locale, events: robot ? (events ?? []) : [], ...said },
      });
      return;
    }
    create.mutate({
      body: {
        organisationId,
        kind,
        name,
        locale,
        events: robot ? (events ?? []) : [],
        url: url ?? "",
        ...(secret ? { secret } : {}),
      },
    });
  };
  return (
    <FormDialog
      title={channel ? t("notify.editFor", { name: channel.name }) : t("notify.add")}
      onClose={onClose}
      act={t("common:actions.save")}
      busy={create.isPending || update.isPending}
      form={form}
      initial={{
        organisationId: channel?.organisationId ?? me.memberships[0]?.organisationId,
        kind,
        name: channel?.name,
        events: channel?.events ?? groupEvents.slice(0, 2),
        locale: channel?.locale ?? "zh-CN",
      }}
      error={create.error ?? update.error}
      onSend={save}
    >
      {!channel && organisations.length > 1 && (
        <Form.Item name="organisationId" label={t("people.organisation")} rules={[{ required: true }]}>
          <Select options={organisations} showSearch={{ optionFilterProp: "label" }} />
        </Form.Item>
      )}
      {!channel && organisations.length <= 1 && (
        <Form.Item name="organisationId" hidden>
          <Input />
        </Form.Item>
      )}
      <Form.Item name="kind" label={t("notify.columns.kind")} rules={[{ required: true }]}>
        <Select
          disabled={channel !== undefined}
          options={kinds.map((value) => ({ value, label: t(`notify.kinds.${value}`) }))}
        />
      </Form.Item>
      <Form.Item name="name" label={t("notify.columns.name")} rules={[{ required: true, max: 60 }]}>
        <Input />
      </Form.Item>
      <Form.Item
        name="url"
        label={t("notify.url")}
        extra={channel ? t("notify.urlKept", { host: channel.host }) : t(`notify.urlHint.${kind}`)}
        rules={[{ required: !channel }]}
      >
        <Input type="url" autoComplete="off" />
      </Form.Item>
      {kind !== "WECOM_ROBOT" && (
        <Form.Item
          name="secret"
          label={t("notify.secret")}
          extra={channel?.hasSecret ? t("notify.secretKept") : t(`notify.secretHint.${kind}`)}
          rules={[{ required: kind === "SMS_WEBHOOK" && !channel?.hasSecret }]}
        >
          <Input.Password autoComplete="new-password" />
        </Form.Item>
      )}
      {robot && (
        <Form.Item name="events" label={t("notify.groupEvents")}>
          <Checkbox.Group
            className={styles.boxes}
            options={groupEvents.map((value) => ({ value, label: t(`notify.events.${value}`) }))}
          />
        </Form.Item>
      )}
      <Form.Item name="locale" label={t("notify.locale")}>
        <Select
          options={[
            { value: "zh-CN", label: "中文" },
            { value: "en", label: "English" },
          ]}
        />
      </Form.Item>
      {hasRole(me, "INST_ADMIN", "SYS_ADMIN") && <p className={styles.quiet}>{t("notify.noNames")}</p>}
    </FormDialog>
  );
}

/** Organisations that the person may make a channel for. */
function useOrganisations(): { value: string; label: string }[] {
  const me = useMe();
  const system = hasRole(me, "SYS_ADMIN");
  const all = useRead("/api/v1/organisations", {}, { enabled: system }).data ?? [];
  if (system) return all.map((o) => ({ value: o.id, label: o.name }));
  return me.memberships
    .filter((m) => m.role === "INST_ADMIN")
    .map((m) => ({ value: m.organisationId, label: m.organisationName }));
}
