import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useSignalStatus } from "../signaling";
import styles from "./Frame.module.css";
import { useServices } from "./services";
import { brief, useLasting } from "./useLasting";

/** The live connection, as a dot with a word. For the first seconds of a break the dot alone tells of it. */
export function ConnectionDot() {
  const { t } = useTranslation("common");
  const { connectivity } = useServices();
  const { reach } = useSyncExternalStore(connectivity.subscribe, connectivity.snapshot);
  const { phase } = useSignalStatus();
  const state = reach === "offline" ? "offline" : phase === "idle" ? "stopped" : phase;
  const broken = state === "waiting" || state === "offline";
  const lasting = useLasting(broken, brief);
  const quiet = broken && !lasting;
  return (
    <span
      className={styles.connection}
      data-state={state}
      data-quiet={quiet}
      role="status"
      aria-label={t("connection.label")}
    >
      <span className={styles.dot} aria-hidden />
      <span className={styles.word}>{t(`connection.${quiet ? "open" : state}`)}</span>
    </span>
  );
}
