import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useSignalStatus } from "../signaling";
import styles from "./Frame.module.css";
import { useServices } from "./services";

/** The live connection, as a dot with a word. */
export function ConnectionDot() {
  const { t } = useTranslation("common");
  const { connectivity } = useServices();
  const { reach } = useSyncExternalStore(connectivity.subscribe, connectivity.snapshot);
  const { phase } = useSignalStatus();
  const state = reach === "offline" ? "offline" : phase === "idle" ? "stopped" : phase;
  return (
    <span className={styles.connection} data-state={state} role="status" aria-label={t("connection.label")}>
      <span className={styles.dot} aria-hidden />
      {t(`connection.${state}`)}
    </span>
  );
}
