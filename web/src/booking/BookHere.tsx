import { CalendarOutlined } from "@ant-design/icons";
import { Button, Input, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, useCommand, useRead } from "../api";
import { useMe } from "../auth/useSession";
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
 * In a consultation's wrap-up: the next time is booked while the nurse is on the line, who sees it at once. Of those at home it is a time of the resident's
 * family doctor, who is asked for the visit with it, knows why, and judges it.
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
  const me = useMe();
  const ours = new Set(me.memberships.map((m) => m.organisationId));
  const offered = useRead(
    "/api/v1/appointment-kinds",
    { query: { consultationId: c.id } },
    { enabled: open },
  ).data;
  // What the own hospital offers comes first.
  const kinds = (offered ?? [])
    .filter((k) => k.mayBook)
    .toSorted((a, b) => Number(ours.has(b.organisationId)) - Number(ours.has(a.organisationId)));
  const kind =
    kinds.find((k) => k.id === kindId) ?? kinds.find((k) => (k.place === "HOME") === home) ?? kinds[0];
  const atHome = kind?.place === "HOME";
  const onSuccess = (made: Appointment) => {
    again();
    setOpened(false);
    setSlot(undefined);
    onBooked(dayOf(made.startsAt));
  };
  const book = useCommand("post", "/api/v1/appointments", { onSuccess });
  const visit = useCommand("post", "/api/v1/consultations/{id}/home-visit", { onSuccess });
  const { error, isPending } = atHome ? visit : book;
  const send = (s: Slot) => {
    if (!kind) return;
    const time = { kindId: kind.id, practitionerId: s.practitionerId, startsAt: s.startsAt };
    if (atHome) visit.mutate({ path: { id: c.id }, body: { ...time, reason: why.trim() } });
    else
      book.mutate({
        body: { ...time, residentId: c.resident.id, reason: "FOLLOW_UP", consultationId: c.id },
      });
  };
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
      {visit.data && <Notice kind="primary">{t("here.asked")}</Notice>}
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
                consultationId={c.id}
                from={from}
                value={slot}
                onPick={setSlot}
              />
              <Refused error={error}>
                <Alternatives of={alternativesOf(error)} onPick={send} />
              </Refused>
              <div>
                <Button
                  type="primary"
                  disabled={!slot || (atHome && why.trim() === "")}
                  loading={isPending}
                  onClick={() => slot && send(slot)}
                >
                  {!slot
                    ? t("new.choose")
                    : atHome && why.trim() === ""
                      ? t("here.whyFirst")
                      : t("new.confirm")}
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
