import { CheckOutlined, EditOutlined, SyncOutlined, WarningOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useErrorText } from "../../api";
import { useFormat } from "../../i18n/useFormat";
import styles from "./Report.module.css";
import type { Draft } from "./useDraft";

/** Whether the report is on the server: "已保存 14:03". */
export function SavedStamp({ draft }: { draft: Draft }) {
  const { t } = useTranslation("desk");
  const format = useFormat();
  const errorText = useErrorText();
  const { status } = draft;
  switch (status.phase) {
    case "new":
    case "lost":
    case "conflict":
      return null;
    case "saved":
      return (
        <span className={styles.stamp} role="status">
          <CheckOutlined aria-hidden /> {t("work.saved", { time: format.clock(status.at) })}
        </span>
      );
    case "typing":
    case "saving":
      return (
        <span className={styles.stamp}>
          {status.phase === "saving" ? <SyncOutlined aria-hidden /> : <EditOutlined aria-hidden />}{" "}
          {t(`work.${status.phase}`)}
        </span>
      );
    case "retrying":
      return (
        <span className={styles.stamp} data-kind="caution" role="status">
          <WarningOutlined aria-hidden /> {t("work.unsaved")}
        </span>
      );
    default:
      return (
        <span className={styles.stamp} data-kind="danger" role="alert">
          <WarningOutlined aria-hidden /> {t("work.failed", { why: errorText(status.error) })}
          <Button size="small" onClick={() => void draft.flush()}>
            {t("work.retry")}
          </Button>
        </span>
      );
  }
}
