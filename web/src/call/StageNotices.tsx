import { Button } from "antd";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useServices } from "../app/services";
import { useLasting } from "../app/useLasting";
import { useSignalStatus } from "../signaling";
import { useFormat } from "../i18n/useFormat";
import { useCallSound } from "./CallProvider";
import styles from "./CallStage.module.css";
import { DeviceHelp } from "./DeviceHelp";
import { seatReserved } from "./pause";
import type { Call } from "./useCall";

/** Sound and picture go on without the socket: only when it stays away need anybody know, ms. */
const long = 10_000;

/** What the person must know now, the most pressing first, each as one sentence. */
export function StageNotices({ call }: { call: Call }) {
  const { t } = useTranslation("call");
  const { blocked, unblock } = useCallSound();
  const signalLost = useLasting(useSignalStatus().phase === "waiting", long);
  const { microphone, camera } = call.own;
  return (
    <div className={styles.notices} aria-live="polite">
      {call.phase === "reconnecting" && <Reconnecting call={call} />}
      {blocked && (
        <Notice kind="caution" action={<Button onClick={unblock}>{t("soundUnblock")}</Button>}>
          {t("soundBlocked")}
        </Notice>
      )}
      {call.phase === "connected" && microphone.failure && (
        <Notice
          kind="danger"
          action={<Button onClick={() => void call.setMicrophone(true)}>{t("failure.retry")}</Button>}
        >
          {t(`failure.microphone.${microphone.failure}`)} <DeviceHelp failure={microphone.failure} />
        </Notice>
      )}
      {call.phase === "connected" && camera.failure && (
        <Notice
          kind="caution"
          action={<Button onClick={() => void call.setCamera(true)}>{t("failure.retry")}</Button>}
        >
          {t(`failure.camera.${camera.failure}`)}
          {camera.failure !== microphone.failure && (
            <>
              {" "}
              <DeviceHelp failure={camera.failure} />
            </>
          )}
        </Notice>
      )}
      {call.phase === "connected" && call.pictureHeld && <Notice kind="caution">{t("quality.held")}</Notice>}
      {call.phase === "connected" && !call.pictureHeld && (call.level === "poor" || call.level === "bad") && (
        <Notice kind="caution">{t(`quality.${call.level}Advice`)}</Notice>
      )}
      {call.phase === "connected" && signalLost && <Notice kind="caution">{t("signalLost")}</Notice>}
    </div>
  );
}

/** Nothing to press: it mends itself. Pressing only hurries it. The seat is kept from when the server notices, which is later. */
function Reconnecting({ call }: { call: Call }) {
  const { t } = useTranslation("call");
  const format = useFormat();
  const { clock } = useServices();
  const [lost, setLost] = useState(0);
  const since = call.lostAt;
  useEffect(() => {
    if (since === undefined) return undefined;
    const tick = () => setLost((performance.now() - since) / 1000);
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [since]);
  return (
    <Notice kind="caution" action={<Button onClick={call.retryNow}>{t("phase.now")}</Button>}>
      <strong>{call.reachable ? t("phase.reconnecting") : t("phase.noNetwork")}</strong>{" "}
      {t("phase.reconnectingFor", { time: format.stopwatch(lost) })}
      {lost < seatReserved &&
        t("phase.seat", { until: format.clock(new Date(clock.now() + (seatReserved - lost) * 1000)) })}
    </Notice>
  );
}

interface NoticeProps {
  kind: "caution" | "danger";
  children: ReactNode;
  action?: ReactNode;
}

function Notice({ kind, children, action }: NoticeProps) {
  return (
    <div className={styles.notice} data-kind={kind} role={kind === "danger" ? "alert" : "status"}>
      <span>{children}</span>
      {action}
    </div>
  );
}
