import { useTranslation } from "react-i18next";
import { useRead } from "../api";
import { hasRole, useMe } from "../auth/useSession";
import { ApplyBed } from "./ApplyBed";
import { VisitRow } from "./parts";
import { RequestVisit } from "./RequestVisit";
import styles from "./Visits.module.css";

/** The visits of a resident that are on their way, and the way to ask for one. */
export function ResidentVisits({ residentId }: { residentId: string }) {
  const { t } = useTranslation("visits");
  const may = hasRole(useMe(), "NURSE", "ATTENDING", "FAMILY_DOCTOR");
  const list = useRead(
    "/api/v1/visits",
    {
      query: {
        residentId,
        states: ["REQUESTED", "ASSESSED", "BOOKED", "EN_ROUTE", "ARRIVED", "LEFT"],
      },
    },
    { enabled: may },
  );
  if (!may) return null;
  const visits = list.data?.visits ?? [];
  return (
    <section className={styles.card} aria-label={t("title")}>
      <h2>{t("title")}</h2>
      {visits.length > 0 && (
        <ul className={styles.list}>
          {visits.map((v) => (
            <VisitRow key={v.id} of={v} />
          ))}
        </ul>
      )}
      <span className={styles.acts}>
        <RequestVisit residentId={residentId} source="NURSE" />
        <ApplyBed residentId={residentId} />
      </span>
    </section>
  );
}
