import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand, useRead } from "../../api";
import { useMe } from "../../auth/useSession";
import { useServerNow } from "../../clock/useServerNow";
import { dayAfter, useToday } from "../../dates";
import { Dialog, Refused } from "../../dialog";
import { useFormat } from "../../i18n/useFormat";
import {
  Alternatives,
  alternativesOf,
  type Appointment,
  AppointmentDialog,
  ofSeries,
  type Scope,
  ScopeChoice,
  useBookingRefresh,
} from "../AppointmentDialog";
import type { Slot } from "../SlotPicker";
import { Blocks, Ghost } from "./Blocks";
import { type Due, DueList, useDue } from "./DueList";
import { freeOf, hoursShown, instantAt, isFree, type Place, placeOf, pieces } from "./grid";
import { type Load, loadOf } from "./load";
import { Done } from "./Said";
import { useCarry } from "./useCarry";
import { WeekGrid } from "./WeekGrid";
import { useUpcoming } from "../useUpcoming";
import styles from "./Week.module.css";

/** What the last act was, while it can be undone. */
type Undo = { text: string; back: () => void };

/** The grid with everything that is done on it: moving, booking who is due, what was refused, and the way back. */
export function Planner({
  days,
  rows,
  open,
  whom,
  names,
  named,
  books,
}: {
  days: readonly string[];
  rows: readonly Appointment[];
  open: readonly { from: string; to: string }[];
  /** with whom somebody is booked who is dropped on the grid */
  whom: string | undefined;
  /** appointments say with whom */
  names: boolean;
  named: ReadonlyMap<string, { name: string; isOff: boolean }>;
  books: boolean;
}) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const me = useMe();
  const now = useServerNow(60_000);
  const today = useToday();
  const body = useRef<HTMLDivElement>(null);
  const again = useBookingRefresh();
  const [opened, setOpened] = useState<string>();
  const [kindId, setKind] = useState<string>();
  const [pending, setPending] = useState<{ load: Load; to: Place }>();
  const [scoped, setScoped] = useState<{ load: Load; slot: Pick<Slot, "startsAt" | "practitionerId"> }>();
  const [undo, setUndo] = useState<Undo>();
  const [refused, setRefused] = useState<{ load: Load; error: unknown }>();
  // What is carried decides what is free; it comes from the hook below, which needs it.
  const [looking, setLooking] = useState<Load>();

  const kinds = useRead("/api/v1/appointment-kinds", {}, { enabled: books }).data ?? [];
  const mine = kinds.filter(
    (k) => k.mayBook && k.capacity === 1 && me.memberships.some((m) => m.organisationId === k.organisationId),
  );
  const kind = mine.find((k) => k.id === kindId) ?? mine.find((k) => k.place === "HOME") ?? mine[0];
  const due = useDue(books);
  const upcoming = useUpcoming(books);

  const drawn = useMemo(
    () =>
      rows.flatMap((a) => {
        const [lead] = a.staff;
        return pieces(a, lead?.blockedFrom ?? a.startsAt, lead?.blockedTo ?? a.endsAt);
      }),
    [rows],
  );
  const openPieces = useMemo(() => open.flatMap((s) => pieces(undefined, s.from, s.to)), [open]);
  const hours = useMemo(
    () => hoursShown([...drawn, ...openPieces].filter((p) => days.includes(p.day))),
    [drawn, openPieces, days],
  );
  const slots = useRead(
    "/api/v1/slots",
    {
      query: {
        kindId: looking?.kindId ?? "",
        practitionerId: looking?.practitionerId ?? "",
        residentId: looking?.residentId ?? "",
        from: `${days[0]}T00:00:00+08:00`,
        to: `${dayAfter(days.at(-1) ?? "", { days: 1 })}T00:00:00+08:00`,
        limit: 1000,
        ...(looking?.appointment ? { movingId: looking.appointment.id } : {}),
      },
    },
    { enabled: looking !== undefined },
  );
  const free = useMemo(() => freeOf(looking ? (slots.data?.slots ?? []) : []), [looking, slots.data]);

  const when = (startsAt: string) => `${format.day(startsAt, now)} ${format.clock(startsAt)}`;
  const fail = (load: Load) => (error: unknown) => {
    setPending(undefined);
    setRefused({ load, error });
    again();
  };
  const back = useCommand("post", "/api/v1/appointments/{id}/reschedule", { onSuccess: again });
  const cancel = useCommand("post", "/api/v1/appointments/{id}/cancel", { onSuccess: again });
  const move = useCommand("post", "/api/v1/appointments/{id}/reschedule");
  const book = useCommand("post", "/api/v1/appointments");
  const join = useCommand("post", "/api/v1/visits/{id}/booking", { onSuccess: again });

  const send = (load: Load, slot: Pick<Slot, "startsAt" | "practitionerId">, scope: Scope | undefined) => {
    setRefused(undefined);
    setUndo(undefined);
    setScoped(undefined);
    setPending({ load, to: placeOf(slot.startsAt) });
    const a = load.appointment;
    if (a) {
      const before = { startsAt: a.startsAt, practitionerId: a.staff[0]?.userId ?? slot.practitionerId };
      move
        .mutateAsync({
          path: { id: a.id },
          body: { revision: a.revision, ...slot, ...(scope ? { scope } : {}) },
        })
        .then((made) => {
          again();
          setPending(undefined);
          const plain = !scope || scope === "THIS";
          setUndo({
            text: t("undo.moved", { name: a.residentName, when: when(made.startsAt) }),
            back: () =>
              back.mutate({
                path: { id: a.id },
                body: {
                  revision: made.revision,
                  ...before,
                  ...(plain ? {} : { scope: "ALL" as const }),
                  // Where it was may lie outside of the notice by now; whoever owns the time takes it back all the same.
                  ...(before.practitionerId === me.id ? { outsideHours: true } : {}),
                },
              }),
          });
        }, fail(load));
      return;
    }
    book
      .mutateAsync({
        body: {
          kindId: load.kindId,
          residentId: load.residentId,
          ...slot,
          reason: load.due?.visitId ? "REQUEST" : "PLAN",
        },
      })
      .then((made) => {
        setPending(undefined);
        if (load.due?.visitId)
          join.mutate({ path: { id: load.due.visitId }, body: { appointmentId: made.id } });
        again();
        setUndo({
          text: t("undo.booked", { name: made.residentName, when: when(made.startsAt) }),
          back: () =>
            cancel.mutate({ path: { id: made.id }, body: { revision: made.revision, reason: "BY_MISTAKE" } }),
        });
      }, fail(load));
  };
  const drop = (load: Load, to: Place) => {
    const slot = { startsAt: instantAt(to), practitionerId: load.practitionerId };
    const a = load.appointment;
    if (a && slot.startsAt === new Date(a.startsAt).toISOString()) return; // put down where it was
    if (a && ofSeries(a)) setScoped({ load, slot });
    else send(load, slot, undefined);
  };
  const { carried, handlers } = useCarry<Load>({ body, days, hours, free }, drop);
  // Read for what is carried now, and kept for a moment after so that nothing flickers.
  if (carried && carried.of.key !== looking?.key) setLooking(carried.of);

  const thing = (d: Due): Load => {
    const k = d.visitId && kind?.place !== "HOME" ? (mine.find((x) => x.place === "HOME") ?? kind) : kind;
    return {
      key: d.key,
      name: d.name,
      length: k?.minutes ?? 30,
      kindId: k?.id ?? "",
      practitionerId: whom ?? "",
      residentId: d.residentId,
      before: (k?.beforeMinutes ?? 0) + (k?.travelMinutes ?? 0),
      after: (k?.afterMinutes ?? 0) + (k?.travelMinutes ?? 0),
      step: k?.stepMinutes ?? 10,
      due: d,
    };
  };
  const ghost = carried?.to
    ? { load: carried.of, to: carried.to, pending: false }
    : pending && { ...pending, pending: true };
  const beside = books && whom !== undefined;
  const where = ghost && `${format.day(ghost.to.day)} ${format.clock(instantAt(ghost.to))}`;
  return (
    <>
      <div className={styles.columns} data-beside={beside}>
        <div role="group" aria-label={t("week.title")} aria-describedby="grid-how">
          <WeekGrid
            days={days}
            hours={hours}
            today={today}
            named={named}
            body={body}
            carrying={carried?.by === "pointer"}
            marks={{
              open: openPieces,
              free: carried ? free : new Map(),
              length: carried?.of.length ?? 0,
              step: carried?.of.step ?? 10,
            }}
          >
            {(day) => (
              <>
                <Blocks
                  list={drawn.filter((p) => p.day === day)}
                  hours={hours}
                  names={names}
                  away={carried?.of.key ?? pending?.load.key}
                  handlers={(a) =>
                    a.may.includes("RESCHEDULE")
                      ? handlers(loadOf(a), () => setOpened(a.id))
                      : { onClick: () => setOpened(a.id) }
                  }
                />
                {ghost?.to.day === day && (
                  <Ghost
                    load={ghost.load}
                    to={ghost.to}
                    hours={hours}
                    free={
                      ghost.pending ||
                      isFree(free, ghost.to) ||
                      (looking !== undefined && slots.data === undefined)
                    }
                    pending={ghost.pending}
                  />
                )}
              </>
            )}
          </WeekGrid>
        </div>
        {beside && (
          <DueList
            list={due}
            booked={upcoming}
            kinds={mine}
            kind={kind}
            onKind={setKind}
            thing={thing}
            carried={carried}
            handlers={handlers}
          />
        )}
      </div>
      <p className="visually-hidden" role="status">
        {carried && where
          ? t(isFree(free, carried.to ?? { day: "", minute: 0 }) ? "grid.atFree" : "grid.atTaken", {
              name: carried.of.name,
              when: where,
            })
          : ""}
      </p>
      <div className={styles.said}>
        <Refused error={refused?.error ?? back.error ?? cancel.error ?? join.error}>
          {refused && (
            <Alternatives
              of={alternativesOf(refused.error)}
              onPick={({ startsAt, practitionerId }) =>
                send(refused.load, { startsAt, practitionerId }, undefined)
              }
            />
          )}
        </Refused>
        {undo && (
          <Done
            key={undo.text}
            text={undo.text}
            onUndo={() => {
              undo.back();
              setUndo(undefined);
            }}
            onOver={() => setUndo(undefined)}
          />
        )}
      </div>
      {opened && <AppointmentDialog key={opened} id={opened} onClose={() => setOpened(undefined)} />}
      {scoped && (
        <Scoped
          name={scoped.load.name}
          onClose={() => setScoped(undefined)}
          onChosen={(scope) => send(scoped.load, scoped.slot, scope)}
        />
      )}
    </>
  );
}

/** One of a series was moved: what of it is meant. */
function Scoped({
  name,
  onClose,
  onChosen,
}: {
  name: string;
  onClose: () => void;
  onChosen: (scope: Scope) => void;
}) {
  const { t } = useTranslation("booking");
  const [scope, setScope] = useState<Scope>("THIS");
  return (
    <Dialog
      title={t("series.moveTitle", { name })}
      onClose={onClose}
      act={t("week.move_act")}
      onAct={() => onChosen(scope)}
    >
      <ScopeChoice value={scope} onChange={setScope} />
    </Dialog>
  );
}
