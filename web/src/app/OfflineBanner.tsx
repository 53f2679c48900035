import { DisconnectOutlined } from "@ant-design/icons";
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import styles from "./Banner.module.css";
import { useServices } from "./services";
import { brief, useLasting } from "./useLasting";

/** Says that the network or the server is gone, what was kept and what happens next; not in the first seconds. */
export function OfflineBanner() {
  const { t } = useTranslation("common");
  const { connectivity } = useServices();
  const { reach, retrying } = useSyncExternalStore(connectivity.subscribe, connectivity.snapshot);
  const shown = useLasting(reach !== "ok", brief);
  return (
    <div role="status" aria-live="polite">
      {shown && (
        <div className={styles.banner} data-kind="caution">
          <DisconnectOutlined aria-hidden />
          <strong>{reach === "offline" ? t("offline.title") : t("offline.unreachable")}</strong>
          <span>{reach === "offline" ? t("offline.body") : t("offline.unreachableBody")}</span>
          {retrying > 0 && <span>{t("offline.retrying", { n: retrying })}</span>}
        </div>
      )}
    </div>
  );
}
