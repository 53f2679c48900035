import { BellOutlined, DeleteOutlined } from "@ant-design/icons";
import { App, Button, Popconfirm } from "antd";
import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand, useErrorText } from "../../api";
import { useServerNow } from "../../clock/useServerNow";
import { Panel } from "../../desk/parts/Panel";
import { useFormat } from "../../i18n/useFormat";
import type { Settings } from "./choices";
import styles from "./Notify.module.css";
import { deviceName, pushState, type PushState, subscribe, unsubscribe } from "./push";

/** Notifications of browsers: this one on or off, and the others that are entered. */
export function ThisDevice({ settings, onChanged }: { settings: Settings; onChanged: () => void }) {
  const { t } = useTranslation("admin");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { message } = App.useApp();
  const errorText = useErrorText();
  const [state, setState] = useState<PushState>();
  const [busy, setBusy] = useState(false);
  const refused = { onError: (error: Error) => void message.error(errorText(error)) };
  const look = useCallback(() => void pushState().then((found) => setState(found.state)), []);
  useEffect(look, [look]);
  const enter = useCommand("post", "/api/v1/me/push-subscriptions", { ...refused, onSuccess: onChanged });
  const remove = useCommand("delete", "/api/v1/me/push-subscriptions/{id}", {
    ...refused,
    onSuccess: onChanged,
  });
  const test = useCommand("post", "/api/v1/me/notifications/test", {
    ...refused,
    onSuccess: () => void message.info(t("notify.testSent")),
  });

  const turnOn = async () => {
    setBusy(true);
    const endpoint = await subscribe(settings.pushKey).catch(() => {
      void message.error(t("notify.push.failed"));
      return undefined;
    });
    if (endpoint) enter.mutate({ body: { endpoint, label: deviceName() } });
    setBusy(false);
    look();
  };
  const turnOff = async (id: string) => {
    await remove.mutateAsync({ path: { id } }).catch(() => undefined);
    look();
  };
  const entered = settings.subscriptions.length > 0;
  return (
    <Panel
      title={t("notify.devices")}
      aside={
        entered && (
          <Button loading={test.isPending} onClick={() => test.mutate({ body: { channel: "PUSH" } })}>
            {t("notify.testPush")}
          </Button>
        )
      }
    >
      <p className={styles.quiet}>{t("notify.push.note")}</p>
      {state === "unsupported" && <p>{t("notify.push.unsupported")}</p>}
      {state === "denied" && <p>{t("notify.push.denied")}</p>}
      <ul className={styles.devices}>
        {settings.subscriptions.map((s) => (
          <li key={s.id}>
            <BellOutlined aria-hidden />
            <strong>{s.label}</strong>
            <span className={styles.quiet}>
              {s.lastSentAt
                ? t("notify.lastSent", { time: format.moment(s.lastSentAt, now) })
                : t("notify.entered", { time: format.moment(s.createdAt, now) })}
            </span>
            <Popconfirm title={t("notify.removeAsk", { name: s.label })} onConfirm={() => void turnOff(s.id)}>
              <Button size="small" icon={<DeleteOutlined aria-hidden />} aria-description={s.label}>
                {t("notify.remove")}
              </Button>
            </Popconfirm>
          </li>
        ))}
      </ul>
      <div className={styles.line}>
        {(state === "off" || (state === "on" && !entered)) && (
          <Button
            type="primary"
            icon={<BellOutlined aria-hidden />}
            loading={busy || enter.isPending}
            onClick={() => void turnOn()}
          >
            {t("notify.push.on")}
          </Button>
        )}
        {state === "on" && entered && (
          <Button onClick={() => void unsubscribe().then(look)}>{t("notify.push.off")}</Button>
        )}
      </div>
    </Panel>
  );
}
