import { Skeleton } from "antd";
import { useTranslation } from "react-i18next";
import { OfflineBanner } from "./OfflineBanner";
import styles from "./Page.module.css";

/** The shape of a page while it loads. */
export function PageSkeleton() {
  const { t } = useTranslation("common");
  return (
    <>
      <OfflineBanner />
      <div className={styles.page} role="status" aria-label={t("states.loading")} aria-busy>
        <Skeleton active title paragraph={{ rows: 6 }} />
      </div>
    </>
  );
}
