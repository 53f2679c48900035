import { CloudDownloadOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import styles from "./Offline.module.css";
import { useAway, useOffline } from "./useOffline";

/** When today's and tomorrow's sheets were last put on the device, and the button that does it again. */
export function Fetched() {
  const { t } = useTranslation("offline");
  const { offline } = useServices();
  const { open, fetchedAt, fetching } = useOffline();
  const away = useAway();
  const format = useFormat();
  const now = useServerNow(60_000);
  return (
    <span className={styles.fetched} role="status">
      <span className={styles.quiet}>
        {!open
          ? t("fetched.not")
          : fetchedAt === undefined
            ? t("fetched.none")
            : t("fetched.at", { at: format.moment(new Date(fetchedAt).toISOString(), now) })}
      </span>
      {open && !away && (
        <Button
          size="small"
          type="text"
          icon={<CloudDownloadOutlined aria-hidden />}
          loading={fetching}
          aria-label={t("fetched.again")}
          onClick={() => void offline.fetchDays()}
        />
      )}
    </span>
  );
}
