import { AlertOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Consultation } from "../../api";
import { can } from "../request/progress";
import { useEmergency } from "./context";

/** Always in reach while a request is open. */
export function EmergencyButton({ c }: { c: Consultation }) {
  const { t } = useTranslation("bedside");
  const emergency = useEmergency();
  if (!can(c, "logEmergencyStep")) return null;
  return (
    <Button danger icon={<AlertOutlined aria-hidden />} onClick={() => emergency.open()}>
      {t("emergency.button")}
    </Button>
  );
}
