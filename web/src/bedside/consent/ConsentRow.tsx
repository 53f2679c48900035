import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Consultation } from "../../api";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { can } from "../request/progress";
import { ConsentBanner } from "./ConsentBanner";
import { WithdrawSheet } from "./WithdrawSheet";
import { Notice } from "../../theme";

/** Whether there is a valid consent: a green tick, or the way to give one. */
export function ConsentRow({ c, onOpen }: { c: Consultation; onOpen: () => void }) {
  const { t } = useTranslation(["bedside", "around"]);
  const [withdrawing, setWithdrawing] = useState(false);
  const format = useFormat();
  const now = useServerNow(60_000);
  if (!c.consentNeeded) {
    return (
      <>
        <Notice
          kind="good"
          action={
            c.consent?.withdrawable && (
              <Button onClick={() => setWithdrawing(true)}>{t("around:withdraw.button")}</Button>
            )
          }
        >
          {c.consent
            ? t("consent.valid", { day: format.day(c.consent.validUntil, now) })
            : t("consent.validShort")}
        </Notice>
        {withdrawing && c.consent && (
          <WithdrawSheet
            consent={c.consent}
            capacity={c.resident.capacity}
            guardians={c.resident.guardians ?? []}
            onClose={() => setWithdrawing(false)}
          />
        )}
      </>
    );
  }
  return (
    <>
      <ConsentBanner c={c} />
      <Notice
        kind="caution"
        action={can(c, "giveConsent") && <Button onClick={onOpen}>{t("consent.give")}</Button>}
      >
        {c.urgency === "CRITICAL" ? t("consent.missingCritical") : t("consent.missing")}
      </Notice>
    </>
  );
}
