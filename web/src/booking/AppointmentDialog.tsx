import { Button, Radio, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError, type Schemas, useCommand, useRead } from "../api";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { dayOf } from "../dates";
import { Dialog, ReasonDialog, Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Notice, Tone } from "../theme";
import { Answers } from "../reminders/Answers";
import styles from "./Booking.module.css";
import { type Slot, SlotPicker } from "./SlotPicker";

export type Appointment = Schemas["Appointment"];
export type Scope = Schemas["AppointmentScope"];
type Cancel = Schemas["AppointmentCancelReason"];
type Absence = Schemas["AppointmentAbsence"];

const cancelReasons = [
  "UNWELL",
  "REFUSED",
  "ADMITTED",
  "STAFF_AWAY",
  "NOT_NEEDED",
  "BY_MISTAKE",
  "WEATHER",
  "DIED",
  "OTHER",
] as const satisfies readonly Cancel[];
const absences = [
  "UNWELL",
  "REFUSED",
  "ADMITTED",
  "FORGOTTEN",
  "NOBODY_THERE",
  "ROAD",
  "DIED",
  "OTHER",
] as const satisfies readonly Absence[];

/** Reads everything again that shows appointments. */
export function useBookingRefresh(): () => void {
  const { query } = useServices();
  return () => {
    for (const key of [
      "/api/v1/appointments",
      "/api/v1/appointments/{id}",
      "/api/v1/appointment-series/{id}",
      "/api/v1/slots",
      "/api/v1/visits",
      "/api/v1/visits/{id}",
      "/api/v1/preparations",
      "/api/v1/waiting-list",
    ])
      void query.invalidateQueries({ queryKey: [key] });
  };
}

/** What was still free when a booking was refused. */
export function alternativesOf(error: unknown): readonly Slot[] {
  return error instanceof ApiError ? (error.problem.alternatives ?? []) : [];
}

export function StatusTag({ of }: { of: Pick<Appointment, "status" | "holdExpiresAt"> }) {
  const { t } = useTranslation("booking");
  const kind =
    of.status === "NO_SHOW" || of.status === "CANCELLED"
      ? "danger"
      : of.status === "FULFILLED"
        ? "good"
        : of.status === "HELD"
          ? "caution"
          : "primary";
  return (
    <span>
      <Tone kind={kind}>
        {t(`status.${of.status}`)}
        {of.status === "HELD" && of.holdExpiresAt && (
          <>
            {" "}
            <HoldLeft until={of.holdExpiresAt} />
          </>
        )}
      </Tone>
    </span>
  );
}

/** How long a hold still keeps its time, running down. */
export function HoldLeft({ until }: { until: string }) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const now = useServerNow(1000);
  const left = (Date.parse(until) - now.getTime()) / 1000;
  return <span>{left > 0 ? t("hold.left", { time: format.stopwatch(left) }) : t("status.LAPSED")}</span>;
}

/** Which of a series an edit is for. */
export function ScopeChoice({ value, onChange }: { value: Scope; onChange: (scope: Scope) => void }) {
  const { t } = useTranslation("booking");
  return (
    <Radio.Group
      vertical
      aria-label={t("series.scope")}
      value={value}
      onChange={(event) => onChange(event.target.value as Scope)}
      options={(["THIS", "FOLLOWING", "ALL"] as const).map((one) => ({
        value: one,
        label: t(`series.scopes.${one}`),
      }))}
    />
  );
}

/** Whether edits may be meant for others of a series as well. */
export function ofSeries(a: Pick<Appointment, "seriesId" | "detached">): boolean {
  return a.seriesId !== undefined && !a.detached;
}

/** One appointment and what the reader may do with it. */
export function AppointmentDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const now = useServerNow(60_000);
  const [asking, setAsking] = useState<"CANCEL" | "MOVE" | "NO_SHOW">();
  const [scope, setScope] = useState<Scope>("THIS");
  const one = useRead("/api/v1/appointments/{id}", { path: { id } });
  const again = useBookingRefresh();
  const outcome = useCommand("post", "/api/v1/appointments/{id}/outcome", {
    onSuccess: () => {
      again();
      setAsking(undefined);
    },
  });
  const confirm = useCommand("post", "/api/v1/appointments/{id}/confirm", { onSuccess: again });
  const cancel = useCommand("post", "/api/v1/appointments/{id}/cancel", {
    onSuccess: () => {
      again();
      onClose();
    },
  });
  const a = one.data;
  if (!a) {
    return (
      <Dialog title={t("week.nav")} onClose={onClose}>
        <Refused error={one.error} />
      </Dialog>
    );
  }
  const path = { id };
  const late = new Date(a.freeUntil) < now;
  const mark = (value: "ARRIVED" | "FULFILLED") =>
    outcome.mutate({ path, body: { revision: a.revision, outcome: value } });
  if (asking === "MOVE") return <MoveDialog of={a} onClose={() => setAsking(undefined)} />;
  if (asking === "NO_SHOW")
    return (
      <ReasonDialog
        title={t("week.noShowTitle")}
        reasons={absences.map((value) => ({ value, label: t(`week.absences.${value}`) }))}
        reasonsLabel={t("week.why")}
        act={t("week.noShow")}
        busy={outcome.isPending}
        error={outcome.error}
        onClose={() => setAsking(undefined)}
        onSend={({ reason, words }) =>
          outcome.mutate({
            path,
            body: {
              revision: a.revision,
              outcome: "NO_SHOW",
              absence: reason as Absence,
              ...(words ? { note: words } : {}),
            },
          })
        }
      />
    );
  if (asking === "CANCEL")
    return (
      <ReasonDialog
        title={t("week.cancelTitle")}
        danger
        body={
          <>
            {late ? t("week.cancelLate") : t("week.cancelFree", { at: format.moment(a.freeUntil, now) })}
            {ofSeries(a) && <ScopeChoice value={scope} onChange={setScope} />}
          </>
        }
        reasons={cancelReasons.map((value) => ({ value, label: t(`week.reasons.${value}`) }))}
        reasonsLabel={t("week.why")}
        act={t("week.cancel")}
        close={t("week.keep")}
        busy={cancel.isPending}
        error={cancel.error}
        onClose={() => setAsking(undefined)}
        onSend={({ reason, words }) =>
          cancel.mutate({
            path,
            body: {
              revision: a.revision,
              reason: reason as Cancel,
              ...(words ? { note: words } : {}),
              ...(ofSeries(a) ? { scope } : {}),
            },
          })
        }
      />
    );
  const [staff] = a.staff;
  return (
    <Dialog title={`${a.kindName} · ${format.moment(a.startsAt, now)}`} onClose={onClose}>
      <div className={styles.stack}>
        <span>
          <strong>{a.residentName}</strong> {a.residentOrganisationName} {a.ward} {a.bed}
        </span>
        <span>
          {format.day(a.startsAt, now)} {format.clock(a.startsAt)}–{format.clock(a.endsAt)} ·{" "}
          {t(`place.${a.place}`)} · {a.staff.map((s) => s.name).join("、")}
        </span>
        {staff && (staff.travelBefore > 0 || staff.travelAfter > 0) && (
          <span className={styles.quiet}>
            {t("week.blocked", {
              from: format.clock(staff.blockedFrom),
              to: format.clock(staff.blockedTo),
              before: staff.travelBefore,
              after: staff.travelAfter,
            })}
          </span>
        )}
        {a.note && <span>{a.note}</span>}
        <StatusTag of={a} />
        <Answers of={a.answers} />
        {a.cancelReason && (
          <span className={styles.quiet}>
            {t(`week.reasons.${a.cancelReason}`)} {a.cancelNote} {a.cancelledLate && t("week.wasLate")}
          </span>
        )}
        {a.absence && <span className={styles.quiet}>{t(`week.absences.${a.absence}`)}</span>}
        {a.may.includes("CANCEL") && a.status === "BOOKED" && (
          <span className={styles.quiet}>
            {late ? t("week.freePast") : t("week.freeUntil", { at: format.moment(a.freeUntil, now) })}
          </span>
        )}
        <span className={styles.quiet}>
          {t("week.bookedBy", { name: a.bookedByName, at: format.moment(a.createdAt, now) })}{" "}
          {a.consultationId && (
            <Link to={`/consultations/${a.consultationId}`}>{t("week.consultation")}</Link>
          )}
        </span>
        {a.seriesId && <Series id={a.seriesId} />}
        <span className={styles.acts}>
          {a.may.includes("CONFIRM") && (
            <Button type="primary" loading={confirm.isPending} onClick={() => confirm.mutate({ path })}>
              {t("new.title")}
            </Button>
          )}
          {a.may.includes("ARRIVE") && <Button onClick={() => mark("ARRIVED")}>{t("week.arrive")}</Button>}
          {a.may.includes("FULFIL") && <Button onClick={() => mark("FULFILLED")}>{t("week.fulfil")}</Button>}
          {a.may.includes("NO_SHOW") && (
            <Button onClick={() => setAsking("NO_SHOW")}>{t("week.noShow")}</Button>
          )}
          {a.may.includes("RESCHEDULE") && (
            <Button onClick={() => setAsking("MOVE")}>{t("week.move")}</Button>
          )}
          {a.may.includes("CANCEL") && (
            <Button danger onClick={() => setAsking("CANCEL")}>
              {t("week.cancel")}
            </Button>
          )}
        </span>
        <Refused error={outcome.error ?? confirm.error} />
      </div>
    </Dialog>
  );
}

/** The other appointments of a series, in order. */
function Series({ id }: { id: string }) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const now = useServerNow(60_000);
  const series = useRead("/api/v1/appointment-series/{id}", { path: { id } }).data;
  if (!series) return null;
  return (
    <details>
      <summary>{t("series.of", { n: series.appointments.length })}</summary>
      <ul className={styles.list}>
        {series.appointments.map((a) => (
          <li key={a.id}>
            <span>
              {format.day(a.startsAt, now)} {format.clock(a.startsAt)}{" "}
              {a.detached && <span className={styles.quiet}>{t("series.detached")}</span>}
            </span>
            <StatusTag of={a} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function MoveDialog({ of, onClose }: { of: Appointment; onClose: () => void }) {
  const { t } = useTranslation("booking");
  const [slot, setSlot] = useState<Slot>();
  const [scope, setScope] = useState<Scope>("THIS");
  const [practitionerId, setPractitioner] = useState(of.staff[0]?.userId ?? "");
  const again = useBookingRefresh();
  const move = useCommand("post", "/api/v1/appointments/{id}/reschedule", {
    onSuccess: () => {
      again();
      onClose();
    },
    onError: again,
  });
  const send = (to: Slot) =>
    move.mutate({
      path: { id: of.id },
      body: {
        revision: of.revision,
        startsAt: to.startsAt,
        practitionerId: to.practitionerId,
        ...(ofSeries(of) ? { scope } : {}),
      },
    });
  return (
    <Dialog
      title={t("week.moveTitle")}
      width="wide"
      onClose={onClose}
      act={t("week.move_act")}
      ready={slot !== undefined}
      busy={move.isPending}
      onAct={() => slot && send(slot)}
    >
      <Notice kind="primary">
        {of.residentName} · {of.kindName}
      </Notice>
      {ofSeries(of) && <ScopeChoice value={scope} onChange={setScope} />}
      <Select
        aria-label={t("new.with")}
        value={practitionerId}
        onChange={(id) => {
          setPractitioner(id);
          setSlot(undefined);
        }}
        options={[
          { value: "", label: t("new.anyone") },
          ...of.staff.slice(0, 1).map((s) => ({ value: s.userId, label: s.name })),
        ]}
      />
      <SlotPicker
        key={practitionerId}
        kindId={of.kindId}
        residentId={of.residentId}
        movingId={of.id}
        practitionerId={practitionerId || undefined}
        from={dayOf(of.startsAt)}
        value={slot}
        onPick={setSlot}
      />
      <Refused error={move.error}>
        <Alternatives of={alternativesOf(move.error)} onPick={send} />
      </Refused>
    </Dialog>
  );
}

/** What is free instead; a press books it. */
export function Alternatives({ of, onPick }: { of: readonly Slot[]; onPick: (slot: Slot) => void }) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const now = useServerNow(60_000);
  if (of.length === 0) return null;
  return (
    <span className={styles.line} role="group" aria-label={t("new.instead")}>
      {t("new.instead")}
      {of.map((s) => (
        <Button key={s.practitionerId + s.startsAt} onClick={() => onPick(s)}>
          {t("new.chosen", {
            day: format.day(s.startsAt, now),
            time: format.clock(s.startsAt),
            name: s.practitionerName,
          })}
        </Button>
      ))}
    </span>
  );
}
