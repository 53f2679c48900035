import { Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { useToday } from "../dates";
import { useLanguage } from "../i18n/useLanguage";
import styles from "./Goals.module.css";
import { GoalsShell } from "./GoalsShell";
import { ScopeSelect, useScope } from "./ScopeSelect";
import { type Task, TaskTable, tones } from "./Tasks";

/** What campaigns ask in a year: windows and last days over twelve months, and the same as a list with what is to be done. */
function CalendarPage() {
  const { t } = useTranslation("goals");
  const [search, setSearch] = useSearchParams();
  const thisYear = Number(useToday().slice(0, 4));
  const { scopes, scope } = useScope(search.get("org") ?? undefined);
  const query = useRead(
    "/api/v1/goals/tasks",
    { query: scope ? { organisationId: scope.id } : {} },
    { enabled: scope !== undefined },
  );
  // Who joined this year has the next one before them.
  const nearest = query.data?.some((x) => inYear(x, thisYear)) === false && query.data.length > 0;
  const year = Number(search.get("year")) || (nearest ? thisYear + 1 : thisYear);
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(search);
    next.set(name, value);
    setSearch(next, { replace: true });
  };
  return (
    <GoalsShell
      title={t("calendar.title")}
      aside={<span className={styles.quiet}>{t("calendar.note")}</span>}
    >
      <div className={styles.bar}>
        <ScopeSelect scopes={scopes} scope={scope} onChange={(org) => set("org", org)} />
        <Segmented<number>
          aria-label={t("check.year")}
          value={year}
          options={[thisYear - 1, thisYear, thisYear + 1].map((value) => ({ value, label: String(value) }))}
          onChange={(value) => set("year", String(value))}
        />
      </div>
      <Loaded query={query}>
        {(tasks) => {
          const shown = tasks.filter((x) => inYear(x, year));
          if (shown.length === 0)
            return (
              <p className={styles.quiet}>
                {t(tasks.length === 0 ? "calendar.none" : "calendar.noneInYear")}
              </p>
            );
          return (
            <>
              <Year year={year} tasks={shown} />
              <section className={styles.card} aria-labelledby="tasks">
                <h2 id="tasks">{t("tasks.title")}</h2>
                <TaskTable tasks={shown} organisation={scope} onNoted={() => void query.refetch()} />
              </section>
            </>
          );
        }}
      </Loaded>
    </GoalsShell>
  );
}

const inYear = (x: Task, year: number) =>
  Number(x.dueOn.slice(0, 4)) >= year && Number((x.opensOn ?? x.dueOn).slice(0, 4)) <= year;

/** Where a day lies in a year, in percent. */
function at(day: string, year: number): number {
  const begin = Date.UTC(year, 0, 1);
  const end = Date.UTC(year + 1, 0, 1);
  return Math.min(100, Math.max(0, (100 * (Date.parse(day) - begin)) / (end - begin)));
}

function Year({ year, tasks }: { year: number; tasks: Task[] }) {
  const { t } = useTranslation("goals");
  const english = useLanguage() === "en";
  const today = useToday();
  const months = Array.from({ length: 12 }, (_, i) => i + 1);
  return (
    <section className={styles.card} aria-labelledby="year">
      <h2 id="year">{t("check.ofYear", { year })}</h2>
      <div className={styles.year} aria-hidden>
        <span />
        <span className={styles.months}>
          {months.map((month) => (
            <span key={month}>{t("calendar.month", { month })}</span>
          ))}
        </span>
        {tasks.map((x) => {
          const from = at(x.opensOn ?? x.dueOn, year);
          const to = at(x.dueOn, year) + 100 / 365;
          return [
            <span key={`${x.id}${x.dueOn} name`} className={styles.taskName}>
              {english ? x.nameEn : x.nameZh}
            </span>,
            <span key={`${x.id}${x.dueOn}`} className={styles.track}>
              {today.startsWith(String(year)) && (
                <i className={styles.today} style={{ left: `${at(today, year)}%` }} />
              )}
              <span
                className={styles.span}
                data-tone={tones[x.state]}
                style={{ left: `${from}%`, width: `max(6px, ${to - from}%)` }}
              />
            </span>,
          ];
        })}
      </div>
      {/* The bars in words are the list below. */}
      <p className={`${styles.quiet} ${styles.legend} ${styles.below}`}>
        {today.startsWith(String(year)) && (
          <span>
            <i className={styles.todayMark} aria-hidden /> {t("calendar.today")}
          </span>
        )}
        <span>{t("calendar.bars")}</span>
      </p>
    </section>
  );
}

export { CalendarPage as Component };
