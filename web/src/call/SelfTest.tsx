import {
  CheckCircleFilled,
  CloseCircleFilled,
  ExclamationCircleFilled,
  LoadingOutlined,
  MinusCircleOutlined,
} from "@ant-design/icons";
import { Button } from "antd";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { DeviceHelp } from "./DeviceHelp";
import styles from "./Panels.module.css";
import { type CheckState, useSelfTest } from "./useSelfTest";

/**
 * Tests camera, microphone, speaker and network by itself, in about eight seconds, and says what to do about what fails.
 * Only the speaker needs the person: somebody must say that the sound was heard. Devices are let go afterwards.
 */
export function SelfTest() {
  const { t } = useTranslation("call");
  const test = useSelfTest();
  const { camera, microphone, speaker, network } = test;
  const all = [camera, microphone, speaker, network].every((c) => c.state === "ok");
  return (
    <section className={styles.test} aria-label={t("test.title")}>
      <div className={styles.row}>
        <h3>{t("test.title")}</h3>
        {all && <span className={styles.quiet}>{t("test.all")}</span>}
        <Button onClick={test.again} disabled={test.running}>
          {t("test.again")}
        </Button>
      </div>
      <ul className={styles.checks}>
        <Check state={camera.state} name={t("test.camera")}>
          {camera.state === "running" && camera.stream && <Preview stream={camera.stream} />}
          {camera.state === "ok" && t("test.ok")}
          {camera.failure && (
            <span>
              {t(`failure.camera.${camera.failure}`)} <DeviceHelp failure={camera.failure} />
            </span>
          )}
        </Check>
        <Check state={microphone.state} name={t("test.microphone")}>
          {microphone.state === "running" && <Meter level={microphone.level} label={t("test.level")} />}
          {microphone.state === "ok" && t("test.ok")}
          {microphone.state === "warn" && t("test.quiet")}
          {microphone.failure && (
            <span>
              {t(`failure.microphone.${microphone.failure}`)}{" "}
              {microphone.failure !== camera.failure && <DeviceHelp failure={microphone.failure} />}
            </span>
          )}
        </Check>
        <Check state={speaker.state} name={t("test.speaker")}>
          {speaker.asked ? (
            <>
              <span>{t("test.speakerAsk")}</span>
              <span className={styles.row}>
                <Button type="primary" onClick={() => test.heard(true)}>
                  {t("test.heard")}
                </Button>
                <Button onClick={() => test.heard(false)}>{t("test.notHeard")}</Button>
              </span>
            </>
          ) : (
            <>
              {speaker.state === "ok" && t("test.ok")}
              {speaker.state === "fail" && t("test.speakerFail")}
              {speaker.state !== "ok" && <Button onClick={test.play}>{t("test.play")}</Button>}
            </>
          )}
        </Check>
        <Check state={network.state} name={t("test.network")}>
          {network.state === "running" && !network.connected && t("test.networkWait")}
          {network.state === "fail" && t("test.networkFail")}
          {network.result &&
            t(network.state === "ok" ? "test.networkOk" : "test.networkSlow", {
              rtt: Math.round(network.result.rtt),
              loss: Math.round(network.result.loss * 100),
            })}
        </Check>
      </ul>
    </section>
  );
}

function Check({ state, name, children }: { state: CheckState; name: string; children: ReactNode }) {
  const icons: Record<CheckState, ReactNode> = {
    idle: <MinusCircleOutlined />,
    running: <LoadingOutlined />,
    ok: <CheckCircleFilled />,
    warn: <ExclamationCircleFilled />,
    fail: <CloseCircleFilled />,
  };
  return (
    <li className={styles.check} data-state={state}>
      <span className={styles.row}>
        <span className={styles.mark} data-state={state} aria-hidden>
          {icons[state]}
        </span>
        {name}
      </span>
      {children}
    </li>
  );
}

function Preview({ stream }: { stream: MediaStream }) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (element.current) element.current.srcObject = stream;
  }, [stream]);
  return <video ref={element} className={styles.preview} autoPlay playsInline muted aria-hidden />;
}

/** @param level 0–1 */
function Meter({ level, label }: { level: number; label: string }) {
  return (
    <div
      className={styles.meter}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(level * 100)}
    >
      <div className={styles.meterFill} style={{ transform: `scaleX(${level})` }} />
    </div>
  );
}
