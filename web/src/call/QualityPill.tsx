import { WifiOutlined } from "@ant-design/icons";
import { Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import styles from "./CallStage.module.css";
import type { Level, Rates } from "./media/quality";

/** The line in words; the numbers for those who ask. */
export function QualityPill({ level, rates }: { level: Level; rates: Rates | undefined }) {
  const { t } = useTranslation("call");
  const detail = rates
    ? t("quality.detail", {
        loss: Math.round(Math.max(rates.loss, rates.outLoss) * 100),
        rtt: Math.round(rates.rtt),
        in: Math.round(rates.kbpsIn),
        out: Math.round(rates.kbpsOut),
      })
    : "";
  return (
    <Tooltip title={detail}>
      <span className={styles.quality} data-level={level} role="status" aria-label={t("quality.label")}>
        <WifiOutlined aria-hidden />
        {t(`quality.${level}`)}
      </span>
    </Tooltip>
  );
}
