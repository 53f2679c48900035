import { Button, Radio, Table, type TableProps } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { call, useCatalogue, useOlder, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { useServices } from "../app/services";
import { useDay } from "../i18n/useDay";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Goals.module.css";
import { GoalsShell } from "./GoalsShell";
import { PeriodBar } from "./Period";
import { factBases, useGoalQuery } from "./query";

type Row = Schemas["GoalFact"];
type Base = Schemas["GoalFactBase"];

/** What is counted beside consultations and stands behind a figure, without persons: those of the numerator, or what it lacks. */
function FactsPage() {
  const { t } = useTranslation("goals");
  const { api } = useServices();
  const format = useFormat();
  const goal = useGoalQuery();
  const { search } = goal;
  const base = factBases.find((b) => b === search.get("base")) ?? "REFERRALS";
  const met = search.get("met") ?? "";
  const query = {
    kind: goal.query.kind,
    day: goal.query.day,
    ...(goal.query.organisationId ? { organisationId: goal.query.organisationId } : {}),
    base,
    ...(met ? { met: met === "yes" } : {}),
  };
  const first = useRead("/api/v1/goals/facts", { query }, { keepPrevious: true });
  const older = useOlder(query, first.data?.next, (cursor) =>
    call(api, "get", "/api/v1/goals/facts", { query: { ...query, cursor } }),
  );
  const columns = useColumns(base);
  const back = new URLSearchParams(search);
  for (const name of ["base", "met"]) back.delete(name);
  return (
    <GoalsShell title={t(`facts.${base}.title`)} aside={<Link to={`/goals?${back}`}>{t("rows.back")}</Link>}>
      <PeriodBar goal={goal} />
      <Loaded query={first}>
        {(page) => (
          <>
            {page.met !== undefined && (
              <Radio.Group
                optionType="button"
                aria-label={t("facts.which")}
                value={met}
                onChange={(event) => goal.set({ met: String(event.target.value) || undefined })}
                options={[
                  { value: "", label: t("facts.all", { n: format.number(page.total) }) },
                  { value: "yes", label: `${t(`facts.${base}.met`)} ${format.number(page.met)}` },
                  {
                    value: "no",
                    label: `${t(`facts.${base}.lacks`)} ${format.number(Math.max(0, page.total - page.met))}`,
                  },
                ]}
              />
            )}
            <p className={styles.quiet}>
              {page.met === undefined && `${t(`facts.${base}.met`)} ${format.number(page.total, 1)} · `}
              {page.imported && `${t("facts.imported")} · `}
              {t("note")}
            </p>
            <Table<Row>
              rowKey="key"
              size="small"
              pagination={false}
              scroll={{ x: "max-content" }}
              dataSource={[...page.rows, ...older.rows]}
              locale={{ emptyText: t("facts.empty") }}
              columns={columns}
            />
          </>
        )}
      </Loaded>
      {older.next && (
        <div className={styles.more}>
          <Button loading={older.loading} onClick={older.load}>
            {t("rows.more")}
          </Button>
        </div>
      )}
    </GoalsShell>
  );
}

type Column = NonNullable<TableProps<Row>["columns"]>[number];

/** Which columns each kind of rows has, in their order. */
const shown = {
  RATINGS: ["institution", "day", "number", "what", "serial", "met"],
  REFERRALS: ["institution", "day", "what", "other", "state", "due", "done", "serial", "met"],
  REFERRALS_DOWN: ["institution", "day", "other", "state", "due", "done", "serial", "met"],
  GREEN_ASKED: ["institution", "day", "what", "other", "state", "due", "done", "serial", "met"],
  EVENTS: ["institution", "at", "what", "number", "done", "serial", "met"],
  COMPLAINTS_DUE: ["institution", "at", "what", "due", "done", "serial", "met"],
  RECTIFY_DUE: ["number", "institution", "what", "state", "due", "done", "met"],
  VISITS_DUE: ["number", "institution", "at", "what", "other", "state", "done", "serial", "met"],
  CARE_ACTIVE: ["institution", "county", "met", "number", "other", "until"],
  COUNTIES: ["county", "number", "met"],
  RESIDENTS_ASSESSED: ["institution", "county", "elder", "ability", "met"],
  RESIDENTS_PRESENT: ["institution", "county", "elder", "admitted", "left"],
  RESIDENTS_MEAN: ["institution", "county", "elder", "admitted", "left"],
  RESIDENTS_CHRONIC: ["institution", "county", "elder", "admitted", "left"],
} as const satisfies Record<Base, readonly string[]>;
type Name = (typeof shown)[Base][number];

function useColumns(base: Base): Column[] {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const day = useDay();
  const { label } = useCatalogue();
  const rectification = base === "RECTIFY_DUE";
  const cells: Record<Name, Column> = {
    institution: { title: t("rows.institution"), render: (_, r) => r.institution },
    county: { title: t("coverage.county"), render: (_, r) => label("divisions", r.regionCode) },
    day: { title: t("rows.day"), render: (_, r) => r.day && day(r.day) },
    at: {
      title: t(base === "VISITS_DUE" ? "facts.booked" : "facts.at"),
      render: (_, r) => r.at && format.day(r.at),
    },
    number: {
      title: t(
        `facts.number.${base === "RATINGS" || base === "EVENTS" || base === "CARE_ACTIVE" || base === "COUNTIES" ? base : "ANY"}`,
      ),
      render: (_, r) =>
        rectification && r.opens ? <Link to="/goals/rectifications">{r.number}</Link> : r.number,
    },
    what: {
      title: t(base === "RATINGS" ? "facts.rater" : "facts.what"),
      render: (_, r) => (rectification ? r.what && t(`category.${r.what as "STAFF"}`) : r.what),
    },
    other: { title: t(base === "CARE_ACTIVE" ? "rows.hospital" : "facts.other"), render: (_, r) => r.other },
    state: {
      title: t("rows.state"),
      render: (_, r) => (rectification ? r.state && t(`mend.states.${r.state as "OPEN"}`) : r.state),
    },
    due: { title: t("facts.due"), render: (_, r) => r.dueOn && day(r.dueOn) },
    until: { title: t("facts.until"), render: (_, r) => r.dueOn && day(r.dueOn) },
    done: {
      title: t(`facts.done.${base === "EVENTS" || base === "VISITS_DUE" ? base : "ANY"}`),
      render: (_, r) => r.doneAt && format.day(r.doneAt),
    },
    serial: {
      title: t("rows.serial"),
      render: (_, r) =>
        r.consultationId ? <Link to={`/consultations/${r.consultationId}`}>{r.serial}</Link> : r.serial,
    },
    elder: {
      title: t("coverage.elder"),
      render: (_, r) =>
        [r.bed, r.sex && format.sex(r.sex), r.age !== undefined && format.age(r.age)]
          .filter(Boolean)
          .join(" "),
    },
    ability: { title: t("facts.ability"), align: "right", render: (_, r) => r.abilityLevel },
    admitted: { title: t("facts.admitted"), render: (_, r) => r.admittedOn && day(r.admittedOn) },
    left: { title: t("facts.left"), render: (_, r) => r.leftOn && day(r.leftOn) },
    met: {
      title: t(`facts.${base}.met`),
      render: (_, r) =>
        r.met ? (
          <Tone kind="good" icon="✓">
            {t("facts.yes")}
          </Tone>
        ) : (
          <Tone kind={base === "RESIDENTS_ASSESSED" ? "muted" : "caution"}>{t("facts.no")}</Tone>
        ),
    },
  };
  return shown[base].map((name) => ({ key: name, ...cells[name] }));
}

export { FactsPage as Component };
