import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Consultation } from "../../api";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { Notice } from "../parts/Notice";
import { can } from "../request/progress";

/** Whether there is a valid consent: a green tick, or the way to give one. */
export function ConsentRow({ c, onOpen }: { c: Consultation; onOpen: () => void }) {
  const { t } = useTranslation("bedside");
  const format = useFormat();
  const now = useServerNow(60_000);
  if (!c.consentNeeded) {
    return (
      <Notice kind="good">
        {c.consent
          ? t("consent.valid", { day: format.day(c.consent.validUntil, now) })
          : t("consent.validShort")}
      </Notice>
    );
  }
  return (
    <Notice
      kind="caution"
      action={can(c, "giveConsent") && <Button onClick={onOpen}>{t("consent.give")}</Button>}
    >
      {c.urgency === "CRITICAL" ? t("consent.missingCritical") : t("consent.missing")}
    </Notice>
  );
}
