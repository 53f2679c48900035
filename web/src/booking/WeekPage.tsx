import { LeftOutlined, RightOutlined } from "@ant-design/icons";
import { Button, Checkbox, Segmented, Select } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { hasRole, useMe } from "../auth/useSession";
import { DayPicker, dayAfter, useToday } from "../dates";
import { useMediaQuery } from "../theme";
import { AppointmentDialog } from "./AppointmentDialog";
import { Agenda } from "./Agenda";
import { daysFrom, monday } from "./week/grid";
import { Planner } from "./week/Planner";
import { namedDays } from "./week/WeekGrid";
import styles from "./week/Week.module.css";

const everybody = "all";

/** A week or a day of appointments on a grid of hours, beside who is to be booked. */
function WeekPage() {
  const { t } = useTranslation("booking");
  const today = useToday();
  const narrow = useMediaQuery("(max-width: 1000px)");
  const [search, setSearch] = useSearchParams();
  const me = useMe();
  // At the bedside one asks what is booked for one's residents, not where there is room.
  const bedside = me.memberships.every((m) => m.organisationKind === "CARE");
  const view = search.get("view") ?? (bedside ? "list" : narrow ? "day" : "week");
  const at = search.get("week") ?? today;
  const first = view === "week" ? monday(at) : at;
  const set = (changes: Record<string, string | undefined>) => {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) next.delete(name);
      else next.set(name, value);
    }
    setSearch(next, { replace: true });
  };
  const step = view === "day" ? 1 : view === "list" ? 14 : 7;
  return (
    <Page
      title={t(view === "list" ? "agenda.title" : "week.title")}
      actions={
        <span className={styles.bar}>
          <Segmented
            aria-label={t("grid.view")}
            value={view}
            onChange={(value) => set({ view: value, week: at })}
            options={[
              { value: "day", label: t("grid.day") },
              { value: "week", label: t("grid.week") },
              { value: "list", label: t("grid.list") },
            ]}
          />
          <Button
            icon={<LeftOutlined aria-hidden />}
            aria-label={view === "week" ? t("week.earlier") : t("grid.dayBefore")}
            onClick={() => set({ week: dayAfter(first, { days: -step }) })}
          />
          <Button onClick={() => set({ week: undefined })}>
            {view === "week" ? t("week.today") : t("grid.today")}
          </Button>
          <Button
            icon={<RightOutlined aria-hidden />}
            aria-label={view === "week" ? t("week.later") : t("grid.dayAfter")}
            onClick={() => set({ week: dayAfter(first, { days: step }) })}
          />
          <DayPicker
            aria-label={t("grid.goTo")}
            value={at}
            allowClear={false}
            onChange={(day) => day && set({ week: day })}
          />
        </span>
      }
    >
      <Shown days={daysFrom(first, step)} list={view === "list"} search={search} set={set} />
    </Page>
  );
}
export { WeekPage as Component };

function Shown({
  days,
  list: asList,
  search,
  set,
}: {
  days: readonly string[];
  /** in words, instead of the grid */
  list: boolean;
  search: URLSearchParams;
  set: (changes: Record<string, string | undefined>) => void;
}) {
  const { t } = useTranslation("booking");
  const me = useMe();
  const today = useToday();
  const [opened, setOpened] = useState<string>();
  const plans = hasRole(me, "DISPATCHER", "INST_ADMIN");
  const practises = hasRole(me, "FAMILY_DOCTOR", "CONSULTANT", "ATTENDING");
  const books =
    hasRole(me, "FAMILY_DOCTOR") ||
    me.memberships.some((m) => m.role === "NURSE" && m.organisationKind === "MEDICAL");
  const [first = "", last = first] = [days[0], days.at(-1)];
  const period = {
    from: `${first}T00:00:00+08:00`,
    to: `${dayAfter(last, { days: 1 })}T00:00:00+08:00`,
  };
  const ended = search.get("ended") === "1";
  const asked = search.get("with") ?? (practises && !plans ? me.id : everybody);
  const list = useRead(
    "/api/v1/appointments",
    { query: { ...period, ...(ended ? { ended } : {}) } },
    { keepPrevious: true, refetchInterval: 60_000 },
  );
  const hours = useRead(
    "/api/v1/availability",
    { query: { ...period, ...(asked === me.id ? {} : { userId: asked }) } },
    { keepPrevious: true, enabled: asked !== everybody && (asked === me.id || plans) },
  );
  const years = [...new Set([first.slice(0, 4), last.slice(0, 4)])];
  const yearA = useRead("/api/v1/workdays", { query: { year: Number(years[0]) } });
  const yearB = useRead("/api/v1/workdays", { query: { year: Number(years.at(-1)) } });
  const named = useMemo(() => namedDays([yearA.data, yearB.data]), [yearA.data, yearB.data]);
  const people = new Map([
    ...(practises ? [[me.id, me.name] as const] : []),
    ...(list.data ?? []).flatMap((a) => a.staff.map((s) => [s.userId, s.name] as const)),
    ...(hours.data ? [[hours.data.userId, hours.data.userName] as const] : []),
  ]);
  return (
    <>
      <div className={styles.bar}>
        <Select
          aria-label={t("grid.whose")}
          value={asked}
          onChange={(value) => set({ with: value })}
          popupMatchSelectWidth={false}
          options={[
            { value: everybody, label: t("grid.everybody") },
            ...[...people].map(([value, label]) => ({ value, label })),
          ]}
        />
        <Checkbox checked={ended} onChange={(e) => set({ ended: e.target.checked ? "1" : undefined })}>
          {t("grid.ended")}
        </Checkbox>
        {!asList && (
          <span className={styles.quiet} id="grid-how">
            {t("grid.how")}
          </span>
        )}
      </div>
      <Loaded query={list}>
        {(all) => {
          const rows = all.filter((a) => asked === everybody || a.staff.some((s) => s.userId === asked));
          return asList ? (
            <Agenda rows={rows} today={today} onOpen={setOpened} />
          ) : (
            <Planner
              days={days}
              rows={rows}
              open={asked === everybody ? [] : (hours.data?.open ?? [])}
              whom={asked === everybody ? (practises ? me.id : undefined) : asked}
              named={named}
              names={asked === everybody}
              books={books}
            />
          );
        }}
      </Loaded>
      {opened && <AppointmentDialog key={opened} id={opened} onClose={() => setOpened(undefined)} />}
    </>
  );
}
