import { WarningOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import styles from "./Banner.module.css";

/** Says on every page that an administrator took the person's second factor away, until something is set up again. */
export function FactorResetBanner() {
  const { t } = useTranslation("life");
  const { factorResetAt } = useMe();
  const format = useFormat();
  const now = useServerNow(60_000);
  const navigate = useNavigate();
  const [seen, setSeen] = useState<string>();
  if (!factorResetAt || seen === factorResetAt) return null;
  return (
    <div className={styles.banner} role="alert">
      <WarningOutlined aria-hidden />
      <span>{t("security.reset", { time: format.moment(factorResetAt, now) })}</span>
      <Button size="small" type="primary" onClick={() => void navigate("/security")}>
        {t("security.setUpAgain")}
      </Button>
      <Button size="small" onClick={() => setSeen(factorResetAt)}>
        {t("security.later")}
      </Button>
    </div>
  );
}
