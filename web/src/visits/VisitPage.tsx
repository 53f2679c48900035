import type { UseQueryResult } from "@tanstack/react-query";
import { Button, Timeline } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { useCatalogue } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { hasRole, useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import type { Act } from "../offline/acts";
import { NotSent } from "../offline/Cloud";
import { Held } from "../offline/Held";
import { Notice } from "../theme";
import { HomeDialogButton } from "./HomeDialog";
import { NextBooking } from "./NextBooking";
import { StateTag, type Visit, Whereto, Who } from "./parts";
import { SpecialistCall } from "./SpecialistCall";
import { Summary } from "./Summary";
import { useVisit } from "./useVisit";
import { VisitActs } from "./VisitActs";
import { VisitRecord } from "./VisitRecord";
import styles from "./Visits.module.css";

/** One visit: where to go, what to do now, the record. */
function VisitPage() {
  const { t } = useTranslation("visits");
  const { id = "" } = useParams();
  const visit = useVisit(id);
  return (
    <Page
      title={visit.data ? `${t("title")} ${visit.data.number}` : t("title")}
      actions={<NotSent n={visit.acts.length} />}
    >
      <Loaded query={visit as UseQueryResult<Visit, Error>}>
        {(v) => <Shown of={v} server={visit.server ?? v} acts={visit.acts} />}
      </Loaded>
    </Page>
  );
}
export { VisitPage as Component };

function Shown({ of, server, acts }: { of: Visit; server: Visit; acts: readonly Act[] }) {
  const { t } = useTranslation("visits");
  const { label, chosen } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  const clinical = of.reason !== undefined;
  const me = useMe();
  const may = hasRole(me, "FAMILY_DOCTOR", "NURSE", "ATTENDING");
  return (
    <div className={styles.columns}>
      <div className={styles.stack}>
        <section className={styles.card} aria-label={of.residentName}>
          <span className={styles.line}>
            <StateTag of={of} />
            <strong>{label("serviceTypes", of.kind)}</strong>
            <span className={styles.quiet}>{chosen("visit_source", of.source)}</span>
          </span>
          <Who of={of} />
          {clinical ? <Whereto of={of} /> : <p className={styles.quiet}>{t("masked")}</p>}
          {of.conditions && of.conditions.length > 0 && (
            <span className={styles.quiet}>{format.list(of.conditions)}</span>
          )}
          {of.startsAt && (
            <span>
              {t("appointment")} {format.moment(of.startsAt, now)} · {format.list([of.lead, of.second])}
            </span>
          )}
          {of.reason && <span>{format.named(t("reason"), of.reason)}</span>}
          {of.exception && <span>{t("exception", { words: of.exception })}</span>}
          {of.assessment && <span>{of.assessment}</span>}
          {of.twoWhy.length > 0 && !of.second && (
            <Notice kind="caution">
              {format.named(t("two"), format.list(of.twoWhy.map((code) => chosen("visit_two", code))))}
            </Notice>
          )}
          {of.endCode && (
            <Notice kind="caution">
              {chosen("visit_end", of.endCode)} {of.endNote}
            </Notice>
          )}
          {may && clinical && <HomeDialogButton of={of} />}
          <VisitActs of={of} />
          {acts
            .filter((act) => act.kind === "STEP" || act.kind === "BOOKING")
            .map((act) => (
              <Held key={act.id} act={act} />
            ))}
          {clinical && may && <SpecialistCall of={of} />}
          {clinical && may && <NextBooking of={of} />}
        </section>
        {clinical && may && <Summary of={of} />}
        {(of.record !== undefined || of.state === "ARRIVED" || of.state === "LEFT") && clinical && (
          <VisitRecord key={of.id} of={of} server={server} acts={acts} />
        )}
      </div>
      <div className={styles.stack}>
        {of.gates.length > 0 && (
          <section className={styles.card}>
            <h2>{t("gates")}</h2>
            {of.gates.map((g) => (
              <Notice
                key={g.rule + g.code}
                kind={g.blocks ? "danger" : "caution"}
                more={
                  g.mend && (g.mend === "CHOOSE_OTHER_DOCTOR" ? t("sendOther") : chosen("mend_by", g.mend))
                }
              >
                {g.message}
              </Notice>
            ))}
          </section>
        )}
        <section className={styles.card}>
          <h2>{t("timeline")}</h2>
          <Timeline
            items={of.events.map((e) => ({
              content: (
                <span>
                  {chosen("visit_event", e.type)} {e.actor}{" "}
                  <span className={styles.quiet}>
                    {format.moment(e.deviceAt ?? e.at, now)}
                    {e.deviceAt && ` (${t("heard", { at: format.moment(e.at, now) })})`}
                  </span>
                </span>
              ),
            }))}
          />
          {of.arrivalPlace && (
            <span className={styles.quiet}>
              {t("position", {
                lon: of.arrivalPlace.lon.toFixed(4),
                lat: of.arrivalPlace.lat.toFixed(4),
                n: of.arrivalPlace.metres ?? 0,
              })}
            </span>
          )}
          {of.consultationId && (hasRole(me, "NURSE", "ATTENDING", "INST_ADMIN") || of.leadId === me.id) && (
            <Link to={`/consultations/${of.consultationId}`}>
              <Button>{t("openRecord")}</Button>
            </Link>
          )}
          {of.eligibility.length > 0 && (
            <span className={styles.quiet}>
              {t("eligible", {
                why: format.list(of.eligibility.map((code) => chosen("visit_eligibility", code))),
              })}
            </span>
          )}
        </section>
      </div>
    </div>
  );
}
