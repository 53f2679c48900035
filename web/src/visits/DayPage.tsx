import { CarOutlined, PhoneOutlined, PrinterOutlined, SendOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { type Schemas, useCommand, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { DayPicker, useToday } from "../dates";
import { Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { NotSent } from "../offline/Cloud";
import { Fetched } from "../offline/Fetched";
import { useAway, useOffline } from "../offline/useOffline";
import { Notice, Tone } from "../theme";
import { bringFor } from "./templates";
import { StateTag, type Visit, VisitRow, Who } from "./parts";
import { useWithActs } from "./useVisit";
import { useVisitsRefresh } from "./useVisits";
import { FamilyConfirmed } from "../reminders/Answers";
import styles from "./Visits.module.css";

/** The day of somebody who visits: in the order of the road, with minutes and reasons. */
function DayPage() {
  const { t } = useTranslation("visits");
  const me = useMe();
  const away = useAway();
  const today = useToday();
  const [search, setSearch] = useSearchParams();
  const day = search.get("day") ?? today;
  const visits = useRead(
    "/api/v1/visits",
    { query: { userId: me.id, from: day, to: day } },
    { keepPrevious: true, refetchInterval: 60_000 },
  );
  const route = useRead("/api/v1/visit-routes", { query: { day } }, { keepPrevious: true });
  const waiting = useRead("/api/v1/visits", { query: { states: ["ASSESSED"] } }, { keepPrevious: true });
  const refresh = useVisitsRefresh();
  const plan = useCommand("post", "/api/v1/visit-routes", { onSuccess: refresh });
  return (
    <Page
      title={t("day.title")}
      actions={
        <span className={styles.acts}>
          <Fetched />
          <DayPicker
            aria-label={t("day.day")}
            value={day}
            allowClear={false}
            onChange={(value) => value && setSearch({ day: value })}
          />
          <Button
            type="primary"
            icon={<CarOutlined aria-hidden />}
            loading={plan.isPending}
            disabled={away || (visits.data?.visits.length === 0 && waiting.data?.visits.length === 0)}
            onClick={() => plan.mutate({ body: { day } })}
          >
            {t("day.plan")}
          </Button>
          <Button icon={<PrinterOutlined aria-hidden />} onClick={() => window.print()}>
            {t("day.print")}
          </Button>
        </span>
      }
    >
      <Refused error={plan.error} />
      <Loaded query={visits}>
        {(data) => (
          <Sheet
            visits={data.visits}
            waiting={waiting.data?.visits ?? nobody}
            route={route.data?.plannedAt ? route.data : undefined}
          />
        )}
      </Loaded>
    </Page>
  );
}
export { DayPage as Component };

const nobody: Visit[] = [];

function Sheet({
  visits: told,
  waiting,
  route,
}: {
  visits: Visit[];
  waiting: Visit[];
  route: Schemas["VisitRoute"] | undefined;
}) {
  const { t } = useTranslation("visits");
  const format = useFormat();
  const now = useServerNow(60_000);
  const visits = useWithActs(told);
  const { acts } = useOffline();
  const away = useAway();
  const unsent = (id: string) =>
    acts.filter((act) => act.about.kind === "visit" && act.about.id === id).length;
  const known = new Map([...visits, ...waiting].map((v) => [v.id, v]));
  const placed = new Set(route?.stops.map((s) => s.visitId));
  const missing = visits.filter((v) => !placed.has(v.id));
  if (visits.length === 0 && !route?.stops.length)
    return (
      <Notice kind="primary" action={!away && <Link to="/visits?stage=BOOKED">{t("day.booked")}</Link>}>
        {t("day.none")}
      </Notice>
    );
  return (
    <div className={styles.stack}>
      {route?.plannedAt ? (
        <p>
          <strong>
            {t("day.summary", {
              n: route.stops.length,
              road: format.span(Math.round(route.travelSeconds / 60) * 60),
              km: format.number(route.metres / 1000, 1),
            })}
          </strong>{" "}
          {route.leaves && t("day.leave", { at: format.clock(route.leaves) })}{" "}
          {route.back && t("day.back", { at: format.clock(route.back) })}{" "}
          <span className={styles.quiet}>
            {t("day.planned", { at: format.moment(route.plannedAt, now) })}
          </span>
        </p>
      ) : (
        <p className={styles.quiet}>{t("day.notPlanned")}</p>
      )}
      {route && (
        <ol className={styles.stops}>
          {route.stops.map((stop) => {
            const visit = known.get(stop.visitId);
            if (!visit) return null;
            return (
              <li key={stop.visitId} className={styles.stop} data-fits={!stop.booked}>
                <span className={styles.at}>{format.clock(stop.begin)}</span>
                <span className={styles.body}>
                  <Who of={visit} />
                  <span className={styles.line}>
                    {stop.booked ? <StateTag of={visit} /> : <Tone kind="caution">{t("day.fits")}</Tone>}
                    <span>{t("day.road", { n: Math.round(stop.travelSeconds / 60) })}</span>
                    {stop.waitSeconds > 0 && (
                      <span>{t("day.wait", { n: Math.round(stop.waitSeconds / 60) })}</span>
                    )}
                    <span className={styles.quiet}>{stop.reasons.map((r) => r.message).join(" · ")}</span>
                  </span>
                  {visit.address && <span className={styles.quiet}>{visit.address}</span>}
                  {visit.reason && <span>{visit.reason}</span>}
                  <span className={styles.quiet}>
                    {format.named(
                      t("summary.bring"),
                      format.list(bringFor(visit.plans).map((thing) => t(`bring.${thing}`))),
                    )}
                  </span>
                  <NotSent n={unsent(visit.id)} />
                </span>
                <span className={styles.acts}>
                  <FamilyConfirmed at={visit.familyConfirmedAt} />
                  {visit.phone && (
                    <a href={`tel:${visit.phone}`} aria-label={t("callFirst")}>
                      <Button icon={<PhoneOutlined aria-hidden />} />
                    </a>
                  )}
                  <Link to={`/visits/${visit.id}`}>
                    <Button icon={<SendOutlined aria-hidden />}>{t("day.open")}</Button>
                  </Link>
                </span>
              </li>
            );
          })}
        </ol>
      )}
      {route && route.left.length > 0 && (
        <Notice kind="caution">
          {t("day.left")}：
          {route.left
            .map((l) => `${known.get(l.visitId)?.residentName ?? ""} ${l.reason.message}`)
            .join("；")}
        </Notice>
      )}
      {missing.length > 0 && (
        <>
          {route && <Notice kind="caution">{t("day.unplaced")}</Notice>}
          <ul className={styles.list}>
            {missing.map((v) => (
              <VisitRow key={v.id} of={v} />
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
