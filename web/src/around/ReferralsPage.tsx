import { Switch } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import styles from "./Around.module.css";
import { ReferralRow } from "./Referrals";

/** Referrals that leave or enter the own institution, open ones first. */
function ReferralsPage() {
  const { t } = useTranslation("around");
  const [openOnly, setOpenOnly] = useState(true);
  const list = useRead(
    "/api/v1/referrals",
    { query: { openOnly } },
    { keepPrevious: true, refetchInterval: 60_000 },
  );
  return (
    <Page
      title={t("referral.title")}
      actions={
        <span className={styles.head}>
          <Switch checked={openOnly} onChange={setOpenOnly} aria-label={t("referral.openOnly")} />
          {t("referral.openOnly")}
        </span>
      }
    >
      <Loaded query={list}>
        {(rows) =>
          rows.length === 0 ? (
            <p className={styles.quiet}>{t("referral.none")}</p>
          ) : (
            <ul className={`${styles.list} ${styles.cards}`}>
              {rows.map((r) => (
                <ReferralRow key={r.id} of={r} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  );
}
export { ReferralsPage as Component };
