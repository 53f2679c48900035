import { useTranslation } from "react-i18next";
import type { Consultation } from "../../api";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { Notice } from "../../theme";

/** Says to everybody in the case that the consent was taken back and not given anew. */
export function ConsentBanner({ c }: { c: Consultation }) {
  const { t } = useTranslation("around");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { consent } = c;
  if (!consent?.withdrawnAt || !c.consentNeeded || c.urgency === "CRITICAL") return null;
  const by = consent.withdrawnBy as "SELF" | undefined;
  return (
    <Notice kind="danger">
      <strong>{t("withdraw.banner")}</strong>{" "}
      {t("withdraw.bannerSince", {
        who: consent.withdrawnByName ?? (by ? t(`withdraw.${by}`) : ""),
        time: format.moment(consent.withdrawnAt, now),
      })}
    </Notice>
  );
}
