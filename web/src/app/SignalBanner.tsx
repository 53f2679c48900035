import { WarningOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useSignal, useSignalStatus } from "../signaling";
import styles from "./Banner.module.css";

/** Says that this page no longer hears of changes, when the socket was stopped for good. Using the page resumes it. */
export function SignalBanner() {
  const { t } = useTranslation("common");
  const signal = useSignal();
  const status = useSignalStatus();
  const paused = status.phase === "stopped" && status.action === "pause";

  useEffect(() => {
    if (!paused) return undefined;
    const resume = () => signal.start();
    document.addEventListener("pointerdown", resume, { once: true });
    document.addEventListener("keydown", resume, { once: true });
    return () => {
      document.removeEventListener("pointerdown", resume);
      document.removeEventListener("keydown", resume);
    };
  }, [paused, signal]);

  if (status.phase !== "stopped") return null;
  return (
    <div className={styles.banner} data-kind={paused ? "caution" : "danger"} role="alert">
      <WarningOutlined aria-hidden />
      <span>{paused ? t("replaced.body") : t("protocolError.body", { code: status.code })}</span>
      <Button size="small" onClick={() => (paused ? signal.start() : location.reload())}>
        {paused ? t("replaced.resume") : t("actions.reload")}
      </Button>
    </div>
  );
}
