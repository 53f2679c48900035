import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type Schemas, useCatalogue, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { hasRole, useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import { ApplyBed } from "./ApplyBed";
import styles from "./Visits.module.css";

type Bed = Schemas["HomeBed"];

/** Home beds, open ones first. */
function BedsPage() {
  const { t } = useTranslation("visits");
  const me = useMe();
  const list = useRead("/api/v1/home-beds", {}, { refetchInterval: 120_000 });
  return (
    <Page title={t("bed.title")} actions={hasRole(me, "NURSE", "ATTENDING") && <ApplyBed />}>
      <Loaded query={list}>
        {(data) =>
          data.beds.length === 0 ? (
            <p className={styles.quiet}>{t("bed.none")}</p>
          ) : (
            <ul className={styles.list}>
              {data.beds.map((b) => (
                <li key={b.id}>
                  <Link to={`/home-beds/${b.id}`} className={styles.row}>
                    <BedLine of={b} />
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  );
}
export { BedsPage as Component };

/** A bed in two lines: how it stands, and when somebody is to come. */
export function BedLine({ of }: { of: Bed }) {
  const { t } = useTranslation("visits");
  const { chosen } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  return (
    <>
      <span className={styles.line}>
        <Tone kind={of.state === "OPEN" ? "primary" : of.state === "REJECTED" ? "danger" : "caution"}>
          {chosen("bed_state", of.state)}
        </Tone>
        <strong className={styles.name}>{of.residentName}</strong>
        <span>{[format.sex(of.sex), format.age(of.age), of.home, of.bed].filter(Boolean).join(" · ")}</span>
        {of.overdue && <Tone kind="danger">{t("bed.overdue")}</Tone>}
        {of.ending && <Tone kind="caution">{t("bed.ending")}</Tone>}
      </span>
      <span className={styles.quiet}>
        {[
          of.number,
          of.nextRoundOn && t("bed.nextRound", { day: format.day(of.nextRoundOn, now) }),
          of.untilOn && t("bed.until", { day: format.day(of.untilOn, now) }),
          of.state === "OPEN" && t("bed.interval", { n: of.roundDays }),
          t("bed.rounds", { n: of.rounds }),
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
    </>
  );
}
