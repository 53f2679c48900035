import { CloudOutlined, CloudSyncOutlined, WarningOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useMe } from "../auth/useSession";
import { isConflict } from "./acts";
import { worksOffline } from "./keeping";
import styles from "./Offline.module.css";
import { useOffline } from "./useOffline";

/** In the header: how much of what this person did is not sent yet, and the way to it. Nothing is shown when all is sent. */
export function Cloud() {
  const { t } = useTranslation("offline");
  const me = useMe();
  const { acts } = useOffline();
  if (!worksOffline(me) || acts.length === 0) return null;
  const held = acts.filter((act) => act.state === "HELD");
  const words = held.some(isConflict)
    ? t("cloud.conflict", { n: held.length })
    : held.length > 0
      ? t("cloud.held", { n: held.length })
      : t("cloud.unsent", { n: acts.length });
  return (
    <span role="status">
      <Link to="/to-send" className={styles.cloud} data-held={held.length > 0}>
        {held.length > 0 ? <WarningOutlined aria-hidden /> : <CloudSyncOutlined aria-hidden />} {words}
      </Link>
    </span>
  );
}

/** What one act or visit still has on this device only. */
export function NotSent({ n }: { n: number }) {
  const { t } = useTranslation("offline");
  if (n === 0) return null;
  return (
    <Link to="/to-send" className={styles.notSent}>
      <CloudOutlined aria-hidden /> {t("notSent", { n })}
    </Link>
  );
}
