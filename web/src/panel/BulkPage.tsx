import { CalendarOutlined, CheckCircleOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { useCommand, useErrorText, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { hasRole, useMe } from "../auth/useSession";
import { Alternatives, alternativesOf, useBookingRefresh } from "../booking/AppointmentDialog";
import { grouped } from "../booking/grouped";
import { type Slot, SlotPicker } from "../booking/SlotPicker";
import { useServerNow } from "../clock/useServerNow";
import { DayRangePicker, dayAfter, dayOf, useToday } from "../dates";
import { Dialog } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Notice, Tone } from "../theme";
import styles from "./Panel.module.css";

type Proposal = Schemas["AppointmentProposal"];

/** What became of one of them. */
type Result = { made: Schemas["Appointment"] } | { error: unknown } | "busy" | "waiting";

/** Times for several residents at once: proposed in the order of the way, changed where need be, confirmed all or each. */
function BulkPage() {
  const { t } = useTranslation(["panel", "booking"]);
  const me = useMe();
  const today = useToday();
  const [search] = useSearchParams();
  const residents = search.getAll("resident").slice(0, 30);
  const kinds = (useRead("/api/v1/appointment-kinds").data ?? []).filter((k) => k.mayBook);
  const [kindId, setKind] = useState<string>();
  const [who, setWho] = useState<string>();
  const [days, setDays] = useState<readonly [string, string]>([
    dayAfter(today, { days: 1 }),
    dayAfter(today, { days: 14 }),
  ]);
  const own = (id: string) => me.memberships.some((m) => m.organisationId === id);
  const kind =
    kinds.find((k) => k.id === kindId) ??
    kinds.find((k) => k.place === "HOME" && own(k.organisationId)) ??
    kinds[0];
  const period = {
    from: `${days[0]}T00:00:00+08:00`,
    to: `${dayAfter(days[1], { days: 1 })}T00:00:00+08:00`,
  };
  const people = useRead(
    "/api/v1/slots",
    { query: { kindId: kind?.id ?? "", limit: 1, ...period } },
    { enabled: kind !== undefined },
  ).data?.practitioners;
  const practises = hasRole(me, "FAMILY_DOCTOR", "ATTENDING", "CONSULTANT");
  const person = who ?? (practises && people?.some((p) => p.id === me.id) ? me.id : people?.[0]?.id);
  const proposals = useRead(
    "/api/v1/appointment-proposals",
    {
      query: {
        kindId: kind?.id ?? "",
        practitionerId: person ?? "",
        residentIds: residents,
        ...period,
      },
    },
    { enabled: kind !== undefined && person !== undefined && residents.length > 0, keepPrevious: true },
  );
  return (
    <Page title={t("bulk.title", { n: residents.length })}>
      {residents.length === 0 ? (
        <Notice kind="primary" action={<Link to="/panel?due=OPEN">{t("bulk.toPanel")}</Link>}>
          {t("bulk.nobody")}
        </Notice>
      ) : (
        <>
          <div className={styles.filters}>
            <Select
              aria-label={t("booking:new.kind")}
              value={kind?.id ?? null}
              onChange={(value) => setKind(value ?? undefined)}
              popupMatchSelectWidth={false}
              options={kinds.map((k) => ({
                value: k.id,
                label: `${k.name} · ${t(`booking:place.${k.place}`)} · ${k.organisationName}`,
              }))}
            />
            <Select
              aria-label={t("booking:new.with")}
              value={person ?? null}
              onChange={(value) => setWho(value ?? undefined)}
              popupMatchSelectWidth={false}
              options={(people ?? []).map((p) => ({ value: p.id, label: p.name }))}
            />
            <DayRangePicker
              aria-label={t("bulk.period")}
              value={days}
              onChange={([first, last]) => first && last && setDays([first, last])}
            />
          </div>
          {people?.length === 0 && <Notice kind="caution">{t("bulk.nobodyOffers")}</Notice>}
          <Loaded query={proposals}>
            {(list) => (
              <Proposals
                key={`${kind?.id} ${person} ${days.join(" ")} ${proposals.dataUpdatedAt}`}
                list={list}
                kind={kind}
                person={person ?? ""}
              />
            )}
          </Loaded>
        </>
      )}
    </Page>
  );
}
export { BulkPage as Component };

function Proposals({
  list,
  kind,
  person,
}: {
  list: readonly Proposal[];
  kind: Schemas["AppointmentKind"] | undefined;
  person: string;
}) {
  const { t } = useTranslation(["panel", "booking"]);
  const format = useFormat();
  const again = useBookingRefresh();
  const [results, setResults] = useState<ReadonlyMap<string, Result>>(new Map());
  const [other, setOther] = useState<ReadonlyMap<string, Slot>>(new Map());
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [choosing, setChoosing] = useState<Proposal>();
  const [running, setRunning] = useState(false);
  const book = useCommand("post", "/api/v1/appointments");
  const wait = useCommand("post", "/api/v1/waiting-list");
  const put = (id: string, result: Result) => setResults((was) => new Map(was).set(id, result));
  const slotOf = (p: Proposal) => other.get(p.residentId) ?? p.slot;
  const open = list.filter((p) => {
    const result = results.get(p.residentId);
    return (
      slotOf(p) &&
      !left.has(p.residentId) &&
      (result === undefined || (typeof result === "object" && "error" in result))
    );
  });
  const send = async (p: Proposal, slot: Slot) => {
    put(p.residentId, "busy");
    // What somebody chose instead has the way of its kind.
    const own = slot === p.slot;
    try {
      const made = await book.mutateAsync({
        body: {
          kindId: kind?.id ?? "",
          practitionerId: slot.practitionerId,
          residentId: p.residentId,
          startsAt: slot.startsAt,
          reason: "PLAN",
          ...(own && p.travelBeforeMinutes !== undefined
            ? { travelBeforeMinutes: p.travelBeforeMinutes }
            : {}),
          ...(own && p.travelAfterMinutes !== undefined ? { travelAfterMinutes: p.travelAfterMinutes } : {}),
        },
      });
      put(p.residentId, { made });
    } catch (error) {
      put(p.residentId, { error });
    }
  };
  const all = async () => {
    setRunning(true);
    // One after the other: each takes time that the next must not.
    for (const p of open) {
      const slot = slotOf(p);
      // oxlint-disable-next-line no-await-in-loop
      if (slot) await send(p, slot);
    }
    setRunning(false);
    again();
  };
  const done = [...results.values()].filter((r) => typeof r === "object" && "made" in r).length;
  const days = grouped(list, (p) => {
    const slot = slotOf(p);
    return slot ? dayOf(slot.startsAt) : "";
  });
  return (
    <>
      <div className={styles.line}>
        <Button
          type="primary"
          size="large"
          icon={<CalendarOutlined aria-hidden />}
          loading={running}
          disabled={open.length === 0}
          onClick={() => void all()}
        >
          {t("bulk.all", { n: open.length })}
        </Button>
        <span role="status">{results.size > 0 && t("bulk.done", { n: done, of: list.length })}</span>
        <span className={styles.quiet}>{t("bulk.how")}</span>
      </div>
      {[...days]
        .toSorted(([a], [b]) => (a || "9").localeCompare(b || "9"))
        .map(([day, rows]) => (
          <section key={day} aria-label={day ? format.day(day) : t("bulk.without")}>
            <h2>
              {day ? format.day(day) : t("bulk.without")}{" "}
              <span className={styles.quiet}>{t("recall.people", { n: rows.length })}</span>
            </h2>
            <ul className={styles.rows}>
              {rows
                .toSorted((a, b) => (slotOf(a)?.startsAt ?? "").localeCompare(slotOf(b)?.startsAt ?? ""))
                .map((p) => (
                  <Row
                    key={p.residentId}
                    of={p}
                    slot={slotOf(p)}
                    shared={slotOf(p) === p.slot && p.travelBeforeMinutes === 0}
                    result={results.get(p.residentId)}
                    left={left.has(p.residentId)}
                    busy={running}
                    onBook={(slot) => void send(p, slot).then(again)}
                    onChoose={() => setChoosing(p)}
                    onLeave={() => setLeft((was) => new Set(was).add(p.residentId))}
                    onWait={() => {
                      const first = new Date();
                      wait
                        .mutateAsync({
                          body: {
                            kindId: kind?.id ?? "",
                            practitionerId: person,
                            residentId: p.residentId,
                            earliest: first.toISOString(),
                            latest: new Date(first.getTime() + 30 * 86_400_000).toISOString(),
                          },
                        })
                        .then(
                          () => put(p.residentId, "waiting"),
                          (error: unknown) => put(p.residentId, { error }),
                        );
                    }}
                  />
                ))}
            </ul>
          </section>
        ))}
      {choosing && kind && (
        <Choose
          of={choosing}
          kindId={kind.id}
          person={person}
          onClose={() => setChoosing(undefined)}
          onChosen={(slot) => {
            setOther((was) => new Map(was).set(choosing.residentId, slot));
            setResults((was) => {
              const next = new Map(was);
              next.delete(choosing.residentId);
              return next;
            });
            setChoosing(undefined);
          }}
        />
      )}
    </>
  );
}

function Row({
  of,
  slot,
  shared,
  result,
  left,
  busy,
  onBook,
  onChoose,
  onLeave,
  onWait,
}: {
  of: Proposal;
  slot: Slot | undefined;
  /** no way of its own: right after the one before at the same house */
  shared: boolean;
  result: Result | undefined;
  left: boolean;
  busy: boolean;
  onBook: (slot: Slot) => void;
  onChoose: () => void;
  onLeave: () => void;
  onWait: () => void;
}) {
  const { t } = useTranslation(["panel", "booking"]);
  const format = useFormat();
  const now = useServerNow(60_000);
  const errorText = useErrorText();
  const made = typeof result === "object" && "made" in result ? result.made : undefined;
  const error = typeof result === "object" && "error" in result ? result.error : undefined;
  const over = made !== undefined || result === "waiting" || left;
  return (
    <li className={`${styles.row} ${styles.proposal}`} data-due={made ? "LATER" : error ? "OVERDUE" : "DUE"}>
      <strong>{slot ? format.clock(slot.startsAt) : "–"}</strong>
      <div className={styles.who}>
        <strong>{of.residentName}</strong>
        <span className={styles.quiet}>
          {of.home} {of.bed}
        </span>
      </div>
      <div>
        {made ? (
          <Tone kind="good" icon={<CheckCircleOutlined aria-hidden />}>
            {t("bulk.made", { when: format.moment(made.startsAt, now) })}
          </Tone>
        ) : result === "waiting" ? (
          <Tone kind="primary">{t("bulk.waiting")}</Tone>
        ) : left ? (
          <span className={styles.quiet}>{t("bulk.left")}</span>
        ) : error ? (
          <div role="alert">
            <Tone kind="danger">{errorText(error)}</Tone>
            <Alternatives of={alternativesOf(error)} onPick={onBook} />
          </div>
        ) : of.message && !slot ? (
          <Tone kind="caution">{of.message}</Tone>
        ) : (
          <span className={styles.quiet}>
            {slot?.practitionerName} {shared && t("bulk.shared")}
          </span>
        )}
      </div>
      <div className={styles.acts}>
        {!over && (
          <>
            {slot && (
              <Button
                type="primary"
                ghost
                disabled={busy}
                loading={result === "busy"}
                onClick={() => onBook(slot)}
                aria-label={t("bulk.bookOne", { name: of.residentName })}
              >
                {t("booking:new.confirm")}
              </Button>
            )}
            <Button disabled={busy} onClick={onChoose}>
              {t("bulk.otherTime")}
            </Button>
            {!slot && (
              <Button disabled={busy} onClick={onWait}>
                {t("booking:new.wait")}
              </Button>
            )}
            {slot && (
              <Button type="text" disabled={busy} onClick={onLeave}>
                {t("bulk.leave")}
              </Button>
            )}
          </>
        )}
      </div>
    </li>
  );
}

function Choose({
  of,
  kindId,
  person,
  onClose,
  onChosen,
}: {
  of: Proposal;
  kindId: string;
  person: string;
  onClose: () => void;
  onChosen: (slot: Slot) => void;
}) {
  const { t } = useTranslation("panel");
  const [slot, setSlot] = useState<Slot>();
  return (
    <Dialog
      title={t("bulk.chooseTitle", { name: of.residentName })}
      width="wide"
      onClose={onClose}
      act={t("bulk.use")}
      ready={slot !== undefined}
      onAct={() => slot && onChosen(slot)}
    >
      <SlotPicker
        kindId={kindId}
        residentId={of.residentId}
        practitionerId={person}
        value={slot}
        onPick={setSlot}
      />
    </Dialog>
  );
}
