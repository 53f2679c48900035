import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useCatalogue, useRead } from "../../api";
import type { Schemas } from "../../api/types";
import { useServerNow } from "../../clock/useServerNow";
import { useDay } from "../../i18n/useDay";
import { useFormat } from "../../i18n/useFormat";
import { DueTag } from "../../panel/parts";
import type { Carried, Thing } from "./useCarry";
import styles from "./Week.module.css";

export type Kind = Schemas["AppointmentKind"];

/** Somebody who is to be booked: a plan is due, or a visit at home was assessed and has no time yet. */
export interface Due {
  key: string;
  residentId: string;
  name: string;
  where: string;
  visitId?: string;
  plan?: Schemas["CarePlan"];
  state: "OVERDUE" | "DUE" | "VISIT";
  wantedTo?: string;
}

/** Who is to be booked, visits that wait for a time first, then whose plan is due, who is longest overdue first. */
export function useDue(enabled: boolean): Due[] {
  const panel = useRead("/api/v1/panel", {}, { enabled, refetchInterval: 300_000 });
  const visits = useRead("/api/v1/visits", { query: { states: ["ASSESSED"] } }, { enabled });
  const waiting = (visits.data?.visits ?? []).map((v): Due => ({
    key: `visit ${v.id}`,
    residentId: v.residentId,
    name: v.residentName,
    where: [v.home, v.bed].filter(Boolean).join(" "),
    visitId: v.id,
    state: "VISIT",
    ...(v.wantedTo ? { wantedTo: v.wantedTo } : {}),
  }));
  const asked = new Set(waiting.map((w) => w.residentId));
  const due = (panel.data?.residents ?? [])
    .filter((r) => (r.due === "OVERDUE" || r.due === "DUE") && !asked.has(r.residentId))
    .toSorted((a, b) => (b.plans[0]?.late ?? 0) - (a.plans[0]?.late ?? 0))
    .map((r): Due => ({
      key: `due ${r.residentId}`,
      residentId: r.residentId,
      name: r.name,
      where: [r.home, r.bed].filter(Boolean).join(" "),
      state: r.due === "OVERDUE" ? "OVERDUE" : "DUE",
      ...(r.plans[0] ? { plan: r.plans[0] } : {}),
    }));
  return [...waiting, ...due];
}

/** Beside the week: who is to be booked. Dragged onto a time, or with Enter, arrow keys and Enter, they are. */
export function DueList<T extends Thing>({
  list,
  booked,
  kinds,
  kind,
  onKind,
  thing,
  carried,
  handlers,
}: {
  list: readonly Due[];
  /** when residents have an appointment that is to come */
  booked: ReadonlyMap<string, string>;
  kinds: readonly Kind[];
  kind: Kind | undefined;
  onKind: (id: string) => void;
  thing: (due: Due) => T;
  carried: Carried<T> | undefined;
  handlers: (of: T, open: undefined) => object;
}) {
  const { t } = useTranslation("booking");
  const { chosen } = useCatalogue();
  const day = useDay();
  const format = useFormat();
  const now = useServerNow(60_000);
  const has = (d: Due) => booked.has(d.residentId) && !d.visitId;
  const shown = [...list.filter((d) => !has(d)), ...list.filter(has)];
  const open = shown.filter((d) => !has(d)).length;
  const done = shown.length - open;
  return (
    <aside className={styles.due} aria-labelledby="due-title">
      <h2 id="due-title">
        {done > 0 ? t("due.titleBooked", { n: open, booked: done }) : t("due.title", { n: open })}
      </h2>
      {kinds.length === 0 ? (
        <p className={styles.quiet}>{t("new.noKinds")}</p>
      ) : (
        <Select
          aria-label={t("new.kind")}
          value={kind?.id ?? null}
          onChange={(id) => id && onKind(id)}
          options={kinds.map((k) => ({ value: k.id, label: `${k.name} · ${k.minutes}′` }))}
          popupMatchSelectWidth={false}
        />
      )}
      <p className={styles.quiet} id="due-how">
        {shown.length > 0 ? t("due.how") : t("due.none")}
      </p>
      <ul>
        {shown.map((d) => {
          const of = thing(d);
          return (
            <li key={d.key}>
              <button
                type="button"
                className={styles.item}
                data-due={d.state}
                data-booked={has(d)}
                data-away={carried?.of.key === of.key}
                aria-describedby="due-how"
                {...handlers(of, undefined)}
              >
                <strong>{d.name}</strong>
                <span className={styles.quiet}>{d.where}</span>
                {d.plan && (
                  <span>
                    <DueTag of={d.plan} /> {chosen("plan_kind", d.plan.plan)}
                  </span>
                )}
                {has(d) && (
                  <span className={styles.quiet}>
                    {t("due.booked", { when: format.moment(booked.get(d.residentId) ?? "", now) })}
                  </span>
                )}
                {d.visitId && (
                  <span className={styles.quiet}>
                    {d.wantedTo ? t("due.visitBy", { day: day(d.wantedTo) }) : t("due.visit")}
                  </span>
                )}
              </button>
            </li>
          );
        })}
      </ul>
      <Link to="/panel?due=OPEN">{t("due.more")}</Link>
    </aside>
  );
}
