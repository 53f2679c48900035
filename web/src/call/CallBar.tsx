import { PhoneOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import styles from "./Panels.module.css";
import { useCall } from "./useCall";
import { useElapsed } from "./useElapsed";

/** On every page but the call's own: that a call is on, and the way back to it. */
export function CallBar() {
  const call = useCall();
  const { pathname } = useLocation();
  if (!call.active || call.path === undefined || pathname === call.path) return null;
  return <Bar path={call.path} />;
}

function Bar({ path }: { path: string }) {
  const { t } = useTranslation(["call", "common"]);
  const call = useCall();
  const elapsed = useElapsed(call.startedAt);
  const navigate = useNavigate();
  const names = call.people.filter((p) => p.joined).map((p) => p.name);
  return (
    <div className={styles.bar} role="status">
      <PhoneOutlined aria-hidden />
      <span className={styles.barText}>
        {[call.phase === "reconnecting" ? t("phase.reconnecting") : t("inCall"), ...names, elapsed]
          .filter(Boolean)
          .join(t("common:separator"))}
      </span>
      <Button onClick={() => void call.setMicrophone(call.own.microphone.state !== "on")}>
        {call.own.microphone.state === "on" ? t("controls.mute") : t("controls.unmute")}
      </Button>
      <Button type="primary" onClick={() => void navigate(path)}>
        {t("back")}
      </Button>
    </div>
  );
}
