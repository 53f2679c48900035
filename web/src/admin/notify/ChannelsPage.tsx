import { PlusOutlined } from "@ant-design/icons";
import { App, Button, Select, Switch, Table, Tabs } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call, useCommand, useErrorText, useRead } from "../../api";
import type { Schemas } from "../../api/types";
import { Loaded } from "../../app/Loaded";
import { Page } from "../../app/Page";
import { useServices } from "../../app/services";
import { hasRole, useMe } from "../../auth/useSession";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { Tone } from "../../theme";
import { ChannelForm } from "./ChannelForm";
import { ChannelTest } from "./ChannelTest";
import { DeliveryTable } from "./DeliveryTable";
import styles from "./Notify.module.css";

type Channel = Schemas["NotificationChannel"];
type Delivery = Schemas["NotificationDelivery"];

/** The organisation's ways to reach people outside of the page, and what was sent by them. */
function ChannelsPage() {
  const { t } = useTranslation("admin");
  const admin = hasRole(useMe(), "INST_ADMIN");
  const channels = { key: "channels", label: t("notify.orgChannels"), children: <Channels /> };
  return (
    <Page title={t("notify.title")}>
      {admin ? (
        <Tabs
          destroyOnHidden
          items={[channels, { key: "log", label: t("notify.orgLog"), children: <Deliveries /> }]}
        />
      ) : (
        channels.children
      )}
    </Page>
  );
}
export { ChannelsPage as Component };

function Channels() {
  const { t } = useTranslation("admin");
  const { message } = App.useApp();
  const errorText = useErrorText();
  const format = useFormat();
  const now = useServerNow(60_000);
  const channels = useRead("/api/v1/notification-channels");
  const changed = () => void channels.refetch();
  const [editing, setEditing] = useState<Channel | "new">();
  const [testing, setTesting] = useState<Channel>();
  const update = useCommand("patch", "/api/v1/notification-channels/{id}", {
    onSuccess: changed,
    onError: (error) => {
      void message.error(errorText(error));
      changed();
    },
  });
  return (
    <div className={styles.stack}>
      <p className={styles.quiet}>{t("notify.orgNote")}</p>
      <div>
        <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setEditing("new")}>
          {t("notify.add")}
        </Button>
      </div>
      <Loaded query={channels}>
        {(rows) => (
          <Table<Channel>
            rowKey="id"
            size="middle"
            pagination={false}
            scroll={{ x: "max-content" }}
            dataSource={rows}
            locale={{ emptyText: t("notify.noChannels") }}
            columns={[
              {
                title: t("notify.columns.name"),
                render: (_, c) => (
                  <span className={styles.event}>
                    <strong>{c.name}</strong>
                    <span className={styles.quiet}>
                      {[c.organisationName, c.departmentName].filter(Boolean).join(" ")}
                    </span>
                  </span>
                ),
              },
              { title: t("notify.columns.kind"), render: (_, c) => t(`notify.kinds.${c.kind}`) },
              {
                title: t("notify.columns.host"),
                render: (_, c) => (
                  <span className={styles.event}>
                    {c.host}
                    <span className={styles.quiet}>
                      {c.hasSecret ? t("notify.signed") : t("notify.unsigned")}
                    </span>
                  </span>
                ),
              },
              {
                title: t("notify.columns.events"),
                render: (_, c) =>
                  c.kind === "SMS_WEBHOOK"
                    ? t("notify.byPerson")
                    : c.events.map((e) => t(`notify.events.${e}`)).join(t("notify.separator")),
              },
              {
                title: t("notify.columns.state"),
                render: (_, c) => (
                  <span className={styles.event}>
                    <Health of={c} />
                    {c.lastDeliveredAt && (
                      <span className={styles.quiet}>
                        {t("notify.lastSent", { time: format.moment(c.lastDeliveredAt, now) })}
                      </span>
                    )}
                  </span>
                ),
              },
              {
                key: "acts",
                render: (_, c) => (
                  <span className={styles.line}>
                    <Switch
                      size="small"
                      checked={c.enabled}
                      loading={update.isPending && update.variables?.path.id === c.id}
                      aria-label={t("notify.enabledFor", { name: c.name })}
                      onChange={(enabled) =>
                        update.mutate({ path: { id: c.id }, body: { revision: c.revision, enabled } })
                      }
                    />
                    <Button size="small" aria-description={c.name} onClick={() => setTesting(c)}>
                      {t("notify.test")}
                    </Button>
                    <Button size="small" aria-description={c.name} onClick={() => setEditing(c)}>
                      {t("notify.edit")}
                    </Button>
                  </span>
                ),
              },
            ]}
          />
        )}
      </Loaded>
      {editing && (
        <ChannelForm
          key={editing === "new" ? "new" : editing.id}
          channel={editing === "new" ? undefined : editing}
          onClose={() => setEditing(undefined)}
          onSaved={() => {
            setEditing(undefined);
            changed();
          }}
        />
      )}
      {testing && (
        <ChannelTest
          key={testing.id}
          channel={testing}
          onClose={() => setTesting(undefined)}
          onTested={changed}
        />
      )}
    </div>
  );
}

/** Whether messages get through by a channel, in a word. */
function Health({ of }: { of: Channel }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const now = useServerNow(60_000);
  if (!of.enabled) return <Tone kind="muted">{t("notify.health.off")}</Tone>;
  if (of.pausedUntil && Date.parse(of.pausedUntil) > now.getTime())
    return (
      <Tone kind="caution">{t("notify.health.paused", { time: format.moment(of.pausedUntil, now) })}</Tone>
    );
  const failed =
    of.lastFailedAt && Date.parse(of.lastFailedAt) > Date.parse(of.lastDeliveredAt ?? "1970-01-01");
  if (failed) return <Tone kind="danger">{of.lastError ?? t("notify.health.failing")}</Tone>;
  return of.lastDeliveredAt ? (
    <Tone kind="good">{t("notify.health.good")}</Tone>
  ) : (
    <Tone kind="muted">{t("notify.health.unused")}</Tone>
  );
}

const states: Delivery["state"][] = ["DEAD", "RETRYING", "WAITING", "SENDING", "DELIVERED", "STOPPED"];

function Deliveries() {
  const { t } = useTranslation("admin");
  const { message } = App.useApp();
  const errorText = useErrorText();
  const [state, setState] = useState<Delivery["state"][]>([]);
  const query = { limit: 50, ...(state.length > 0 ? { state } : {}) };
  const first = useRead("/api/v1/notification-deliveries", { query }, { keepPrevious: true });
  const older = useOlder(query, first.data?.next);
  const retry = useCommand("post", "/api/v1/notification-deliveries/{id}/retry", {
    onSuccess: () => void first.refetch(),
    onError: (error) => void message.error(errorText(error)),
  });
  return (
    <div className={styles.stack}>
      <Select
        className={styles.wide}
        mode="multiple"
        allowClear
        aria-label={t("notify.columns.state")}
        placeholder={t("notify.columns.state")}
        value={state}
        options={states.map((value) => ({ value, label: t(`notify.states.${value}`) }))}
        onChange={setState}
      />
      <Loaded query={first}>
        {(page) => (
          <DeliveryTable
            rows={[...page.rows, ...older.rows]}
            onRetry={(d) => retry.mutate({ path: { id: d.id } })}
            retrying={retry.isPending ? retry.variables?.path.id : undefined}
          />
        )}
      </Loaded>
      {older.next && (
        <div>
          <Button loading={older.loading} onClick={older.load}>
            {t("log.earlier")}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Pages after the first, as the person asks for them; another filter begins anew. */
function useOlder(query: { limit: number; state?: Delivery["state"][] }, firstNext: string | undefined) {
  const { api } = useServices();
  const key = JSON.stringify(query) + (firstNext ?? "");
  const [held, setHeld] = useState<{ key: string; rows: Delivery[]; next: string | undefined }>();
  const [loading, setLoading] = useState(false);
  const mine = held?.key === key ? held : undefined;
  const next = mine ? mine.next : firstNext;
  const load = () => {
    if (!next || loading) return;
    setLoading(true);
    void call(api, "get", "/api/v1/notification-deliveries", { query: { ...query, cursor: next } })
      .then((page) => setHeld({ key, rows: [...(mine?.rows ?? []), ...page.rows], next: page.next }))
      .catch(() => undefined) // the button stays and can be pressed again
      .finally(() => setLoading(false));
  };
  return { rows: mine?.rows ?? [], next, loading, load };
}
