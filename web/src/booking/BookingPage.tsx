import { Button, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useSearchParams } from "react-router";
import { ApiError, useCommand, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { hasRole, useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { DayPicker, useToday } from "../dates";
import { Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Notice } from "../theme";
import { type Slot, SlotPicker } from "./SlotPicker";
import styles from "./Booking.module.css";

/** Books an appointment for a resident, or for several one after the other. Where it comes from a visit, the visit gets it. */
function BookingPage() {
  const { t } = useTranslation("booking");
  const [search] = useSearchParams();
  const residents = search.getAll("resident");
  const [at, setAt] = useState(0);
  const resident = residents[at];
  return (
    <Page title={t("new.title")}>
      {resident ? (
        <One
          key={resident}
          residentId={resident}
          visitId={search.get("visit") ?? undefined}
          place={search.get("place") ?? undefined}
          due={search.get("due") ?? undefined}
          planned={search.has("reason") || search.has("due")}
          n={at + 1}
          all={residents.length}
          onNext={at + 1 < residents.length ? () => setAt(at + 1) : undefined}
        />
      ) : (
        <p className={styles.quiet}>{t("new.noResident")}</p>
      )}
    </Page>
  );
}
export { BookingPage as Component };

function One({
  residentId,
  visitId,
  place,
  due,
  planned,
  n,
  all,
  onNext,
}: {
  residentId: string;
  visitId: string | undefined;
  place: string | undefined;
  due: string | undefined;
  planned: boolean;
  n: number;
  all: number;
  onNext: (() => void) | undefined;
}) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const now = useServerNow(60_000);
  const today = useToday();
  const navigate = useNavigate();
  const family = hasRole(useMe(), "FAMILY_DOCTOR", "NURSE", "ATTENDING");
  const who = useRead(
    "/api/v1/residents/{id}/family-care",
    { path: { id: residentId } },
    { enabled: family },
  );
  const kinds = useRead("/api/v1/appointment-kinds", {});
  const [kindId, setKindId] = useState<string>();
  const [personId, setPersonId] = useState<string>();
  const [from, setFrom] = useState(today);
  const [slot, setSlot] = useState<Slot>();
  const link = useCommand("post", "/api/v1/visits/{id}/booking", {
    onSuccess: (visit) => void navigate(`/visits/${visit.id}`),
  });
  const book = useCommand("post", "/api/v1/appointments", {
    onSuccess: (appointment) => {
      if (visitId) link.mutate({ path: { id: visitId }, body: { appointmentId: appointment.id } });
    },
  });
  const send = (chosen: Slot) =>
    book.mutate({
      body: {
        kindId: kindId ?? "",
        practitionerId: chosen.practitionerId,
        residentId,
        startsAt: chosen.startsAt,
        reason: planned ? "PLAN" : "REQUEST",
      },
    });
  const instead = book.error instanceof ApiError ? book.error.problem.alternatives : undefined;
  return (
    <div className={styles.stack}>
      <h2>
        {who.data
          ? t("new.who", { name: `${who.data.name} ${who.data.home} ${who.data.bed}` })
          : t("new.title")}{" "}
        {all > 1 && <span className={styles.quiet}>{t("new.many", { n, all })}</span>}
      </h2>
      {due && <p className={styles.quiet}>{t("new.due", { day: format.day(due, now) })}</p>}
      {book.isSuccess && !visitId ? (
        <>
          <Notice kind="good">
            {t("new.booked", {
              at: format.moment(book.data.startsAt, now),
              name: book.data.staff[0]?.name ?? "",
            })}
          </Notice>
          <span className={styles.acts}>
            {onNext ? (
              <Button type="primary" onClick={onNext}>
                {t("new.next")}
              </Button>
            ) : (
              <Button type="primary" onClick={() => void navigate(-1)}>
                {t("new.done")}
              </Button>
            )}
          </span>
        </>
      ) : (
        <Loaded query={kinds}>
          {(list) => {
            const usable = list.filter((k) => k.mayBook && !k.retired && (!place || k.place === place));
            const kind = usable.find((k) => k.id === kindId) ?? (usable.length === 1 ? usable[0] : undefined);
            if (kind && kind.id !== kindId) setKindId(kind.id);
            if (usable.length === 0) return <Notice kind="caution">{t("new.noKind")}</Notice>;
            return (
              <>
                <div className={styles.filters}>
                  <label className={styles.field}>
                    {t("new.kind")}
                    <Select
                      value={kind?.id ?? null}
                      onChange={(value) => {
                        setKindId(value ?? undefined);
                        setSlot(undefined);
                      }}
                      options={usable.map((k) => ({
                        value: k.id,
                        label: `${k.name} · ${t(`place.${k.place}`)} · ${k.organisationName}`,
                      }))}
                    />
                  </label>
                  {kind && (
                    <People
                      kindId={kind.id}
                      from={from}
                      value={personId}
                      onChange={(value) => {
                        setPersonId(value);
                        setSlot(undefined);
                      }}
                    />
                  )}
                  <label className={styles.field} htmlFor="booking-from">
                    {t("new.from")}
                    <DayPicker
                      id="booking-from"
                      value={from}
                      min={today}
                      allowClear={false}
                      onChange={(value) => value && setFrom(value)}
                    />
                  </label>
                </div>
                {kind && (
                  <SlotPicker
                    kindId={kind.id}
                    residentId={residentId}
                    personId={personId}
                    from={from}
                    chosen={slot}
                    onChoose={setSlot}
                    onLater={setFrom}
                  />
                )}
                <div className={styles.bar}>
                  {slot && (
                    <Button
                      type="primary"
                      size="large"
                      loading={book.isPending || link.isPending}
                      onClick={() => send(slot)}
                    >
                      {t("new.book", { at: format.moment(slot.startsAt, now), name: slot.practitionerName })}
                    </Button>
                  )}
                  <Refused error={book.error ?? link.error} />
                  {instead && instead.length > 0 && (
                    <span className={styles.acts}>
                      {t("new.taken")}
                      {instead.map((other) => (
                        <Button
                          key={`${other.startsAt} ${other.practitionerId}`}
                          onClick={() => {
                            setSlot(other);
                            send(other);
                          }}
                        >
                          {format.moment(other.startsAt, now)} {other.practitionerName}
                        </Button>
                      ))}
                    </span>
                  )}
                  {visitId && <Link to={`/visits/${visitId}`}>{t("new.toVisit")}</Link>}
                </div>
              </>
            );
          }}
        </Loaded>
      )}
    </div>
  );
}

/** Who offers a kind; shown where there is a choice. */
function People({
  kindId,
  from,
  value,
  onChange,
}: {
  kindId: string;
  from: string;
  value: string | undefined;
  onChange: (id: string | undefined) => void;
}) {
  const { t } = useTranslation("booking");
  const found = useRead(
    "/api/v1/slots",
    { query: { kindId, from: `${from}T00:00:00+08:00`, to: `${from}T23:59:59+08:00`, limit: 1 } },
    { keepPrevious: true },
  );
  const people = found.data?.practitioners ?? [];
  if (people.length < 2) return null;
  return (
    <label className={styles.field}>
      {t("new.person")}
      <Select
        allowClear
        value={value ?? null}
        placeholder={t("new.anyone")}
        onChange={(id) => onChange(id ?? undefined)}
        options={people.map((p) => ({ value: p.id, label: p.name }))}
      />
    </label>
  );
}
