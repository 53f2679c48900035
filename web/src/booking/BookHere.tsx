import { CalendarOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, useCommand, useRead } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { dayAfter, dayOf, useToday } from "../dates";
import { Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Notice } from "../theme";
import {
  Alternatives,
  alternativesOf,
  type Appointment,
  AppointmentDialog,
  useBookingRefresh,
} from "./AppointmentDialog";
import styles from "./Booking.module.css";
import { type Slot, SlotPicker } from "./SlotPicker";

/** What was booked in a consultation, to come; both sides read it, and events keep it fresh. */
export function useBookedIn(c: { id: string; resident: { id: string } }): readonly Appointment[] {
  const today = useToday();
  const list = useRead("/api/v1/appointments", {
    query: {
      residentId: c.resident.id,
      from: `${today}T00:00:00+08:00`,
      to: `${dayAfter(today, { days: 61 })}T00:00:00+08:00`,
    },
  });
  return (list.data ?? []).filter((a) => a.consultationId === c.id && a.status !== "FULFILLED");
}

/** One booked time in words. */
export function useWhen(): (a: Appointment) => string {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const now = useServerNow(60_000);
  return (a) =>
    t("here.booked", {
      kind: a.kindName,
      when: t("new.chosen", {
        day: format.day(a.startsAt, now),
        time: format.clock(a.startsAt),
        name: a.staff[0]?.name ?? "",
      }),
    });
}

/**
 * In a consultation's wrap-up: the next time is booked while the nurse is on the line, who sees it at once. A visit at home is asked for with it, so that its
 * team knows why.
 */
export function BookHere({
  c,
  from,
  open: wanted,
  home,
  onBooked,
}: {
  c: Consultation;
  /** the day that the doctor chose for the follow-up */
  from?: string | undefined;
  /** the outcome asks for it */
  open: boolean;
  /** a visit at home is what the outcome asks for */
  home: boolean;
  onBooked: (day: string) => void;
}) {
  const { t } = useTranslation("booking");
  const when = useWhen();
  const id = useId();
  const booked = useBookedIn(c);
  const again = useBookingRefresh();
  const [opened, setOpened] = useState<boolean>();
  const [shown, setShown] = useState<string>();
  const [kindId, setKind] = useState<string>();
  const [slot, setSlot] = useState<Slot>();
  const [why, setWhy] = useState("");
  const open = opened ?? (wanted && booked.length === 0);
  const kinds = (useRead("/api/v1/appointment-kinds", {}, { enabled: open }).data ?? []).filter(
    (k) => k.mayBook,
  );
  const kind =
    kinds.find((k) => k.id === kindId) ?? kinds.find((k) => (k.place === "HOME") === home) ?? kinds[0];
  const atHome = kind?.place === "HOME";
  const ask = useCommand("post", "/api/v1/visits", { onSuccess: again });
  const book = useCommand("post", "/api/v1/appointments", {
    onSuccess: (made) => {
      again();
      setOpened(false);
      setSlot(undefined);
      const day = dayOf(made.startsAt);
      onBooked(day);
      if (made.place === "HOME")
        ask.mutate({
          body: {
            residentId: c.resident.id,
            kind: "HOME_VISIT",
            source: "WRAP_UP",
            consultationId: c.id,
            organisationId: made.organisationId,
            reason: why.trim(),
            wantedFrom: day,
            wantedTo: day,
          },
        });
    },
  });
  const send = (s: Slot) =>
    kind &&
    book.mutate({
      body: {
        kindId: kind.id,
        practitionerId: s.practitionerId,
        residentId: c.resident.id,
        startsAt: s.startsAt,
        reason: "FOLLOW_UP",
        consultationId: c.id,
        ...(atHome ? { note: why.trim() } : {}),
      },
    });
  return (
    <section className={styles.stack} aria-label={t("here.title")}>
      {booked.map((a) => (
        <Notice
          key={a.id}
          kind="good"
          action={<Button onClick={() => setShown(a.id)}>{t("here.change")}</Button>}
        >
          {when(a)}
        </Notice>
      ))}
      {ask.data && <Notice kind="primary">{t("here.asked")}</Notice>}
      <Refused error={ask.error} />
      {!open ? (
        <div>
          <Button icon={<CalendarOutlined aria-hidden />} onClick={() => setOpened(true)}>
            {booked.length > 0 ? t("here.another") : t("here.act")}
          </Button>
        </div>
      ) : (
        <div className={styles.card}>
          <div className={styles.line}>
            <strong>{t("here.title")}</strong>
            <Button type="text" onClick={() => setOpened(false)}>
              {t("here.close")}
            </Button>
          </div>
          {!kind ? (
            <p className={styles.quiet}>{t("new.noKinds")}</p>
          ) : (
            <>
              <Select
                aria-label={t("new.kind")}
                value={kind.id}
                onChange={(value) => {
                  setKind(value);
                  setSlot(undefined);
                }}
                popupMatchSelectWidth={false}
                options={kinds.map((k) => ({
                  value: k.id,
                  label: `${k.name} · ${t(`place.${k.place}`)} · ${k.organisationName}`,
                }))}
              />
              {atHome && (
                <label className={styles.field} htmlFor={id}>
                  {t("here.why")}
                  <Input.TextArea
                    id={id}
                    value={why}
                    maxLength={500}
                    autoSize={{ minRows: 1, maxRows: 4 }}
                    onChange={(event) => setWhy(event.target.value)}
                  />
                </label>
              )}
              <SlotPicker
                key={`${kind.id} ${from ?? ""}`}
                kindId={kind.id}
                residentId={c.resident.id}
                from={from}
                value={slot}
                onPick={setSlot}
              />
              <Refused error={book.error}>
                <Alternatives of={alternativesOf(book.error)} onPick={send} />
              </Refused>
              <div>
                <Button
                  type="primary"
                  disabled={!slot || (atHome && why.trim() === "")}
                  loading={book.isPending}
                  onClick={() => slot && send(slot)}
                >
                  {t("new.confirm")}
                </Button>
              </div>
            </>
          )}
        </div>
      )}
      {shown && <AppointmentDialog id={shown} onClose={() => setShown(undefined)} />}
    </section>
  );
}

/** At the bedside: what the doctor has just booked. */
export function BookedHere({ c, className }: { c: Consultation; className?: string | undefined }) {
  const when = useWhen();
  const booked = useBookedIn(c);
  if (booked.length === 0) return null;
  return (
    <div className={className} role="status">
      {booked.map((a) => (
        <Notice key={a.id} kind="good">
          {when(a)}
        </Notice>
      ))}
    </div>
  );
}
