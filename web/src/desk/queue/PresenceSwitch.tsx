import { CheckCircleFilled, ClockCircleOutlined, DownOutlined, MinusCircleOutlined } from "@ant-design/icons";
import { App, Button, Dropdown } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { useFormat } from "../../i18n/useFormat";
import { type PresenceState, usePresence } from "../../signaling";
import { askToNotify } from "../ring/notify";
import { useSoundLock } from "../ring/useSoundLock";
import styles from "./Presence.module.css";

const pauses = [5, 10, 15, 30, 60];

/**
 * Whether the doctor answers calls. The press that says so is also the one that browsers want before they let the page
 * ring and notify.
 */
export function PresenceSwitch() {
  const { t } = useTranslation("desk");
  const { message } = App.useApp();
  const format = useFormat();
  const { presence, set } = usePresence();
  const { unlock } = useSoundLock();
  const [wanted, setWanted] = useState<PresenceState>();

  const change = async (state: PresenceState, minutes?: number) => {
    unlock();
    setWanted(state);
    const asked = state === "AVAILABLE" ? askToNotify() : undefined;
    try {
      await set(state, minutes);
      if ((await asked) === "denied") void message.info(t("presence.notify"));
    } catch {
      void message.error(t("presence.failed"));
    } finally {
      setWanted(undefined);
    }
  };

  const state = wanted ?? presence?.state;
  const own = (one: PresenceState) => ({
    className: styles.choice,
    "data-chosen": state === one,
    "data-state": one,
    "aria-pressed": state === one,
    loading: wanted === one,
    disabled: presence === undefined,
  });
  return (
    <div role="group" aria-label={t("presence.label")} className={styles.switch}>
      {state === "IN_CALL" && <span className={styles.inCall}>{t("presence.IN_CALL")}</span>}
      <Button
        {...own("AVAILABLE")}
        icon={<CheckCircleFilled aria-hidden />}
        onClick={() => void change("AVAILABLE")}
      >
        {t("presence.AVAILABLE")}
      </Button>
      <Dropdown
        trigger={["click"]}
        disabled={presence === undefined}
        menu={{
          items: pauses.map((n) => ({
            key: String(n),
            label: t("presence.minutes", { n }),
            onClick: () => void change("BACK_SOON", n),
          })),
        }}
      >
        <Button {...own("BACK_SOON")} icon={<ClockCircleOutlined aria-hidden />} aria-haspopup="menu">
          {t("presence.BACK_SOON")}
          {presence?.state === "BACK_SOON" && presence.backAt && (
            <span>{t("presence.backAt", { time: format.clock(presence.backAt) })}</span>
          )}
          <DownOutlined aria-hidden />
        </Button>
      </Dropdown>
      <Button {...own("OFF")} icon={<MinusCircleOutlined aria-hidden />} onClick={() => void change("OFF")}>
        {t("presence.OFF")}
      </Button>
    </div>
  );
}
