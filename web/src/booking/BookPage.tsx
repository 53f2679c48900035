import { Button, InputNumber, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServerNow } from "../clock/useServerNow";
import { Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Notice } from "../theme";
import { Alternatives, alternativesOf } from "./AppointmentDialog";
import styles from "./Booking.module.css";
import { SlotPicker, type Slot } from "./SlotPicker";
import { placeOf } from "./week/grid";

/** How an appointment may repeat: every so many weeks. */
const repeats = [0, 1, 2, 4] as const;

/**
 * Books one resident after the other. The address says whom (`resident`, several times), and may say where (`place`), by when (`due`) and for
 * which home visit (`visit`).
 */
function BookPage() {
  const { t } = useTranslation("booking");
  const [search] = useSearchParams();
  const residents = search.getAll("resident");
  const kinds = useRead("/api/v1/appointment-kinds");
  const [at, setAt] = useState(0);
  const resident = residents[at];
  return (
    <Page title={t("new.title")}>
      {resident === undefined ? (
        <Notice kind="primary">{t("new.nobody")}</Notice>
      ) : (
        <Loaded query={kinds}>
          {(all) => {
            const offered = all.filter((k) => k.mayBook && fits(k, search.get("place")));
            return offered.length === 0 ? (
              <Notice kind="primary">{t("new.noKinds")}</Notice>
            ) : (
              <One
                key={resident}
                resident={resident}
                kinds={offered}
                position={residents.length > 1 ? t("new.count", { n: at + 1, of: residents.length }) : ""}
                onNext={at + 1 < residents.length ? () => setAt(at + 1) : undefined}
              />
            );
          }}
        </Loaded>
      )}
    </Page>
  );
}

function fits(kind: Schemas["AppointmentKind"], place: string | null): boolean {
  return place === null || kind.place === place;
}

function One({
  resident,
  kinds,
  position,
  onNext,
}: {
  resident: string;
  kinds: readonly Schemas["AppointmentKind"][];
  position: string;
  onNext: (() => void) | undefined;
}) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const now = useServerNow(60_000);
  const [search] = useSearchParams();
  const due = search.get("due");
  const visit = search.get("visit");
  const [kindId, setKind] = useState(kinds[0]?.id ?? "");
  const [practitionerId, setPractitioner] = useState<string>();
  const [slot, setSlot] = useState<Slot>();
  const link = useCommand("post", "/api/v1/visits/{id}/booking");
  const book = useCommand("post", "/api/v1/appointments", {
    onSuccess: (appointment) => {
      if (visit) link.mutate({ path: { id: visit }, body: { appointmentId: appointment.id } });
    },
  });
  const [weeks, setWeeks] = useState<(typeof repeats)[number]>(0);
  const [times, setTimes] = useState(6);
  const series = useCommand("post", "/api/v1/appointment-series");
  const wait = useCommand("post", "/api/v1/waiting-list");
  // Who it is, and who can be asked: the first days say it.
  const [span] = useState({
    from: now.toISOString(),
    to: new Date(now.getTime() + 14 * 86_400_000).toISOString(),
  });
  const page = useRead("/api/v1/slots", { query: { kindId, residentId: resident, limit: 1, ...span } });
  const made = book.data;
  const when = (s: Pick<Slot, "startsAt" | "practitionerName">) =>
    t("new.chosen", {
      day: format.day(s.startsAt, now),
      time: format.clock(s.startsAt),
      name: s.practitionerName,
    });
  const send = (s: Slot) => {
    if (weeks > 0) {
      const { day, minute } = placeOf(s.startsAt);
      series.mutate({
        body: {
          kindId,
          practitionerId: s.practitionerId,
          residentId: resident,
          recurrence: `FREQ=WEEKLY;INTERVAL=${weeks};COUNT=${times}`,
          startsOn: day,
          startMinute: minute,
          // What falls on a holiday or is taken is left out and said.
          skipTaken: true,
          reason: "PLAN",
        },
      });
      return;
    }
    book.mutate({
      body: {
        kindId,
        practitionerId: s.practitionerId,
        residentId: resident,
        startsAt: s.startsAt,
        reason: search.get("reason") ? "PLAN" : "REQUEST",
      },
    });
  };

  if (series.data) {
    const { appointments, skipped } = series.data;
    return (
      <div className={styles.card}>
        <Notice kind="good">{t("series.made", { n: appointments.length })}</Notice>
        <ul className={styles.list}>
          {appointments.map((a) => (
            <li key={a.id}>{when({ startsAt: a.startsAt, practitionerName: a.staff[0]?.name ?? "" })}</li>
          ))}
        </ul>
        {skipped.length > 0 && (
          <Notice kind="caution">
            {t("series.skipped", { n: skipped.length })}{" "}
            {skipped.map((s) => `${format.day(s.date, now)} ${s.message}`).join(" ")}
          </Notice>
        )}
        {onNext && (
          <div>
            <Button type="primary" onClick={onNext}>
              {t("new.next")}
            </Button>
          </div>
        )}
      </div>
    );
  }
  if (made) {
    return (
      <div className={styles.card}>
        <Notice kind="good">
          {t("new.done")} · {made.kindName} ·{" "}
          {when({ startsAt: made.startsAt, practitionerName: made.staff[0]?.name ?? "" })}
        </Notice>
        <Refused error={link.error} />
        <div className={styles.line}>
          {onNext ? (
            <Button type="primary" onClick={onNext}>
              {t("new.next")}
            </Button>
          ) : null}
          {visit ? <Link to={`/visits/${visit}`}>{t("new.toVisit")}</Link> : null}
        </div>
      </div>
    );
  }
  return (
    <div className={styles.stack}>
      <div className={styles.card}>
        <div className={styles.line}>
          <strong>
            {t("new.who", {
              name: [page.data?.residentName, page.data?.ward, page.data?.bed].filter(Boolean).join(" "),
            })}
          </strong>
          <span className={styles.quiet}>{position}</span>
          {due ? (
            <span className={styles.quiet}>{t("new.due", { day: format.day(`${due}T04:00:00Z`, now) })}</span>
          ) : null}
        </div>
        <div className={styles.fields}>
          <div className={styles.field}>
            <span id="kind">{t("new.kind")}</span>
            <Select
              aria-labelledby="kind"
              value={kindId}
              onChange={(id) => {
                setKind(id);
                setPractitioner(undefined);
                setSlot(undefined);
              }}
              options={kinds.map((k) => ({
                value: k.id,
                label: `${k.name} · ${t(`place.${k.place}`)} · ${k.organisationName}`,
              }))}
            />
          </div>
          <div className={styles.field}>
            <span id="with">{t("new.with")}</span>
            <Select
              aria-labelledby="with"
              value={practitionerId ?? ""}
              onChange={(id) => {
                setPractitioner(id === "" ? undefined : id);
                setSlot(undefined);
              }}
              options={[
                { value: "", label: t("new.anyone") },
                ...(page.data?.practitioners ?? []).map((p) => ({ value: p.id, label: p.name })),
              ]}
            />
          </div>
        </div>
      </div>
      <div className={styles.card}>
        <SlotPicker
          key={`${kindId} ${practitionerId ?? ""}`}
          kindId={kindId}
          residentId={resident}
          practitionerId={practitionerId}
          value={slot}
          onPick={setSlot}
        />
      </div>
      <Refused error={book.error ?? series.error ?? wait.error}>
        <Alternatives of={alternativesOf(book.error ?? series.error)} onPick={send} />
      </Refused>
      {wait.data ? <Notice kind="good">{t("new.waiting")}</Notice> : null}
      {visit ? null : (
        <div className={styles.line}>
          <Select
            aria-label={t("series.repeat")}
            value={weeks}
            onChange={setWeeks}
            popupMatchSelectWidth={false}
            options={repeats.map((value) => ({ value, label: t(`series.every.${value}`) }))}
          />
          {weeks > 0 && (
            <>
              <InputNumber<number>
                aria-label={t("series.times")}
                min={2}
                max={26}
                value={times}
                onChange={(value) => setTimes(value ?? 2)}
                suffix={t("series.timesUnit")}
              />
              <span className={styles.quiet}>{t("series.hint")}</span>
            </>
          )}
        </div>
      )}
      <div className={styles.line}>
        <Button
          type="primary"
          size="large"
          disabled={!slot}
          loading={book.isPending || series.isPending}
          onClick={() => slot && send(slot)}
        >
          {slot ? `${t("new.confirm")} ${when(slot)}` : t("new.choose")}
        </Button>
        <Button
          size="large"
          loading={wait.isPending}
          disabled={wait.data !== undefined}
          onClick={() =>
            wait.mutate({
              body: {
                kindId,
                residentId: resident,
                earliest: span.from,
                latest: new Date(now.getTime() + 30 * 86_400_000).toISOString(),
                ...(practitionerId ? { practitionerId } : {}),
              },
            })
          }
        >
          {t("new.wait")}
        </Button>
        {onNext ? <Button onClick={onNext}>{t("new.next")}</Button> : null}
      </div>
    </div>
  );
}

export { BookPage as Component };
