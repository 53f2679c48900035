import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { type Schemas, useCommand, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { dayAfter, dayOf, useToday } from "../dates";
import { Dialog, ReasonDialog, Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Notice, Tone } from "../theme";
import { type Slot, SlotPicker } from "./SlotPicker";
import styles from "./Booking.module.css";

type Appointment = Schemas["Appointment"];
type Cancel = Schemas["AppointmentCancelReason"];

/** The Monday of a day's week. */
function monday(day: string): string {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return dayAfter(day, { days: -((weekday + 6) % 7) });
}

/** A week of appointments, a column a day. */
function WeekPage() {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const now = useServerNow(60_000);
  const today = useToday();
  const [search, setSearch] = useSearchParams();
  const first = monday(search.get("week") ?? today);
  const [open, setOpen] = useState<string>();
  const list = useRead(
    "/api/v1/appointments",
    {
      query: {
        from: `${first}T00:00:00+08:00`,
        to: `${dayAfter(first, { days: 7 })}T00:00:00+08:00`,
        ended: true,
      },
    },
    { keepPrevious: true, refetchInterval: 60_000 },
  );
  const go = (days: number) => setSearch({ week: dayAfter(first, { days }) });
  return (
    <Page
      title={t("week.title")}
      actions={
        <span className={styles.acts}>
          <Button onClick={() => go(-7)}>{t("week.earlier")}</Button>
          <Button onClick={() => setSearch({})}>{t("week.today")}</Button>
          <Button onClick={() => go(7)}>{t("week.later")}</Button>
        </span>
      }
    >
      <Loaded query={list}>
        {(rows) => (
          <div className={styles.week}>
            {[0, 1, 2, 3, 4, 5, 6].map((n) => {
              const day = dayAfter(first, { days: n });
              const mine = rows.filter((a) => dayOf(a.startsAt) === day);
              return (
                <section key={day} className={styles.column} data-today={day === today}>
                  <h2>{format.day(day, now)}</h2>
                  {mine.length === 0 && <span className={styles.quiet}>{t("week.none")}</span>}
                  {mine.map((a) => (
                    <button
                      key={a.id}
                      type="button"
                      className={styles.appointment}
                      data-over={["CANCELLED", "NO_SHOW", "LAPSED"].includes(a.status)}
                      onClick={() => setOpen(a.id)}
                    >
                      <strong>
                        {format.clock(a.startsAt)}–{format.clock(a.endsAt)}
                      </strong>
                      <span>
                        {a.residentName} {a.bed}
                      </span>
                      <span className={styles.quiet}>
                        {a.kindName} · {a.staff.map((s) => s.name).join("、")}
                      </span>
                      <StatusTag of={a} />
                    </button>
                  ))}
                </section>
              );
            })}
          </div>
        )}
      </Loaded>
      {open && <AppointmentDialog key={open} id={open} onClose={() => setOpen(undefined)} />}
    </Page>
  );
}
export { WeekPage as Component };

function StatusTag({ of }: { of: Appointment }) {
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
      <Tone kind={kind}>{t(`status.${of.status}`)}</Tone>
    </span>
  );
}

/** One appointment and what the reader may do with it. */
function AppointmentDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { query } = useServices();
  const [asking, setAsking] = useState<"CANCEL" | "MOVE">();
  const one = useRead("/api/v1/appointments/{id}", { path: { id } });
  const again = () => {
    for (const key of [
      "/api/v1/appointments",
      "/api/v1/appointments/{id}",
      "/api/v1/slots",
      "/api/v1/visits",
    ])
      void query.invalidateQueries({ queryKey: [key] });
  };
  const outcome = useCommand("post", "/api/v1/appointments/{id}/outcome", { onSuccess: again });
  const confirm = useCommand("post", "/api/v1/appointments/{id}/confirm", { onSuccess: again });
  const cancel = useCommand("post", "/api/v1/appointments/{id}/cancel", {
    onSuccess: () => {
      again();
      onClose();
    },
  });
  const a = one.data;
  if (!a) return null;
  const path = { id };
  const mark = (value: "ARRIVED" | "FULFILLED" | "NO_SHOW") =>
    outcome.mutate({ path, body: { revision: a.revision, outcome: value } });
  if (asking === "MOVE") return <MoveDialog of={a} onClose={() => setAsking(undefined)} onMoved={again} />;
  if (asking === "CANCEL")
    return (
      <ReasonDialog
        title={t("week.cancelTitle")}
        danger
        body={new Date(a.freeUntil) < now ? t("week.cancelLate") : undefined}
        reasons={(
          [
            "UNWELL",
            "REFUSED",
            "ADMITTED",
            "STAFF_AWAY",
            "NOT_NEEDED",
            "BY_MISTAKE",
            "WEATHER",
            "DIED",
            "OTHER",
          ] as const
        ).map((value) => ({ value, label: t(`week.reasons.${value}`) }))}
        reasonsLabel={t("week.why")}
        act={t("week.cancel")}
        busy={cancel.isPending}
        error={cancel.error}
        onClose={() => setAsking(undefined)}
        onSend={({ reason, words }) =>
          cancel.mutate({
            path,
            body: { revision: a.revision, reason: reason as Cancel, ...(words ? { note: words } : {}) },
          })
        }
      />
    );
  return (
    <Dialog title={`${a.kindName} · ${format.moment(a.startsAt, now)}`} onClose={onClose}>
      <div className={styles.stack}>
        <span>
          <strong>{a.residentName}</strong> {a.residentOrganisationName} {a.bed}
        </span>
        <span>
          {format.clock(a.startsAt)}–{format.clock(a.endsAt)} · {t(`place.${a.place}`)} ·{" "}
          {a.staff.map((s) => s.name).join("、")}
        </span>
        {a.note && <span>{a.note}</span>}
        <StatusTag of={a} />
        {a.cancelReason && <span className={styles.quiet}>{t(`week.reasons.${a.cancelReason}`)}</span>}
        <span className={styles.acts}>
          {a.may.includes("CONFIRM") && (
            <Button type="primary" loading={confirm.isPending} onClick={() => confirm.mutate({ path })}>
              {t("new.title")}
            </Button>
          )}
          {a.may.includes("ARRIVE") && <Button onClick={() => mark("ARRIVED")}>{t("week.arrive")}</Button>}
          {a.may.includes("FULFIL") && <Button onClick={() => mark("FULFILLED")}>{t("week.fulfil")}</Button>}
          {a.may.includes("NO_SHOW") && <Button onClick={() => mark("NO_SHOW")}>{t("week.noShow")}</Button>}
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

function MoveDialog({ of, onClose, onMoved }: { of: Appointment; onClose: () => void; onMoved: () => void }) {
  const { t } = useTranslation("booking");
  const [slot, setSlot] = useState<Slot>();
  const move = useCommand("post", "/api/v1/appointments/{id}/reschedule", {
    onSuccess: () => {
      onMoved();
      onClose();
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
      error={move.error}
      onAct={() =>
        slot &&
        move.mutate({
          path: { id: of.id },
          body: { revision: of.revision, startsAt: slot.startsAt, practitionerId: slot.practitionerId },
        })
      }
    >
      {of.detached ? null : <Notice kind="primary">{of.kindName}</Notice>}
      <SlotPicker kindId={of.kindId} value={slot} onPick={setSlot} />
    </Dialog>
  );
}
