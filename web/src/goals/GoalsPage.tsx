import { Button, Table } from "antd";
import { PrinterOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useCatalogue, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Goals.module.css";
import { GoalsShell } from "./GoalsShell";
import { Indicators } from "./Indicators";
import { PeriodBar } from "./Period";
import { type Dashboard, percent, quantiles, rowsAddress, useGoalQuery } from "./query";
import { Tiles } from "./Tiles";
import { Trend } from "./Trend";

/** Target, done, countable, not countable by reason: every figure opens its list, every name its definition. */
function GoalsPage() {
  const { t } = useTranslation("goals");
  const goal = useGoalQuery();
  const query = useRead("/api/v1/goals/dashboard", { query: goal.query }, { keepPrevious: true });
  return (
    <GoalsShell
      title={t("title")}
      aside={
        <>
          <span className={styles.quiet}>{t("note")}</span>
          {query.data && (
            <span className={styles.quiet}>{t("definitions", { version: query.data.definitions })}</span>
          )}
          {query.data && query.data.behind > 0 && (
            <Tone kind="muted">{t("behind", { n: query.data.behind })}</Tone>
          )}
          <Button
            className={`${styles.push} ${styles.noPrint}`}
            icon={<PrinterOutlined />}
            onClick={() => window.print()}
            aria-label={t("print")}
          />
        </>
      }
    >
      <PeriodBar goal={goal} />
      <Loaded query={query}>{(data) => <Content data={data} search={goal.search} set={goal.set} />}</Loaded>
    </GoalsShell>
  );
}

function Content({
  data,
  search,
  set,
}: {
  data: Dashboard;
  search: URLSearchParams;
  set: ReturnType<typeof useGoalQuery>["set"];
}) {
  const { t } = useTranslation("goals");
  return (
    <>
      {!data.over && <p className={styles.quiet}>{t("open")}</p>}
      <Headline data={data} search={search} />
      <div className={styles.two}>
        <Reasons data={data} search={search} />
        <Waits waits={data.waits} />
      </div>
      <Trend months={data.months} />
      {data.children.length > 0 && <Children data={data} set={set} />}
      {data.tiles.length > 0 && <Tiles tiles={data.tiles} />}
      {data.dimensions.length > 0 && <Dimensions data={data} search={search} />}
      <Indicators list={data.indicators} search={search} />
    </>
  );
}

function Headline({ data, search }: { data: Dashboard; search: URLSearchParams }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const n = (mark: string) => data.marks[mark] ?? 0;
  const target = data.indicators.find((i) => i.code === "I-03")?.target;
  const share = (part: string, whole: string) => {
    const p = percent(n(part), n(whole));
    return p === undefined ? t("figure.none") : `${format.number(p, 1)}%`;
  };
  const figure = (mark: string, label: string, below?: React.ReactNode, main?: boolean) => (
    <Link className={styles.figure} to={rowsAddress(search, { mark })} {...(main ? { "data-main": "" } : {})}>
      <span className={styles.quiet}>{label}</span>
      <strong>{format.number(n(mark))}</strong>
      <span className={styles.quiet}>{below}</span>
    </Link>
  );
  return (
    <div className={styles.figures}>
      {figure("SUBMITTED", t("figure.submitted"))}
      {figure("COMPLETED", t("figure.completed"), share("COMPLETED", "SUBMITTED"))}
      {figure(
        "COUNTABLE",
        t("figure.countable"),
        target
          ? `${share("COUNTABLE", "COUNTABILITY_BASE")} · ${t("figure.target", { value: target.value })}`
          : share("COUNTABLE", "COUNTABILITY_BASE"),
        true,
      )}
      {figure(
        "NOT_COUNTABLE",
        t("figure.notCountable"),
        n("COMPLETED_UNEVALUATED") > 0 && (
          <>
            {format.number(n("COMPLETED_UNEVALUATED"))} {t("figure.unevaluated")}
          </>
        ),
      )}
      <Link
        className={styles.figure}
        to={rowsAddress(search, { mark: "ANSWER_BASE", without: "ANSWER_IN_TIME" })}
      >
        <span className={styles.quiet}>{t("figure.answer")}</span>
        <strong>{share("ANSWER_IN_TIME", "ANSWER_BASE")}</strong>
        <span className={styles.quiet}>
          {format.number(n("ANSWER_IN_TIME"))} / {format.number(n("ANSWER_BASE"))}
        </span>
      </Link>
      {figure("REPORT_LATE", t("figure.late"), share("REPORT_LATE", "ENDED"))}
    </div>
  );
}

function Reasons({ data, search }: { data: Dashboard; search: URLSearchParams }) {
  const { chosen } = useCatalogue();
  const { t } = useTranslation("goals");
  const format = useFormat();
  return (
    <section className={styles.card} aria-labelledby="reasons">
      <h2 id="reasons">{t("reasons.title")}</h2>
      <Table
        rowKey="code"
        size="small"
        pagination={false}
        dataSource={data.reasons}
        locale={{ emptyText: t("reasons.none") }}
        columns={[
          {
            key: "reason",
            title: t("reasons.reason"),
            render: (_, r) => chosen("count_rule", r.code),
          },
          {
            key: "code",
            title: t("reasons.code"),
            render: (_, r) => <span className={styles.quiet}>{r.code}</span>,
          },
          {
            key: "n",
            align: "right",
            title: t("reasons.n"),
            render: (_, r) => <Link to={rowsAddress(search, { mark: r.code })}>{format.number(r.n)}</Link>,
          },
        ]}
      />
      {data.reasons.length > 0 && <p className={styles.quiet}>{t("reasons.one")}</p>}
    </section>
  );
}

function Waits({ waits }: { waits: Dashboard["waits"] }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const at = quantiles(waits);
  const top = Math.max(1, ...waits.map((w) => w.n));
  const told = (w: Dashboard["waits"][number]) =>
    `${w.underSeconds === undefined ? t("waits.over") : t("waits.under", { span: format.span(w.underSeconds) })}: ${format.number(w.n)}`;
  const span = (s: number | undefined) => (s === undefined ? t("waits.over") : format.span(s));
  return (
    <section className={styles.card} aria-labelledby="waits">
      <h2 id="waits">{t("waits.title")}</h2>
      <p className={styles.quiet}>
        {at ? t("waits.median", { span: span(at.half), p90: span(at.ninth) }) : t("waits.empty")}
      </p>
      {at && (
        <>
          <div className={styles.bars} role="img" aria-label={waits.map(told).join("; ")}>
            {waits.map((w) => (
              <i
                key={w.underSeconds ?? 0}
                title={told(w)}
                {...(w.n ? {} : { "data-none": "" })}
                style={{ height: `${Math.max(1, (100 * w.n) / top)}%` }}
              />
            ))}
          </div>
          <div className={styles.axis}>
            <span>{t("waits.under", { span: format.span(60) })}</span>
            <span>{t("waits.over")}</span>
          </div>
        </>
      )}
    </section>
  );
}

function Children({ data, set }: { data: Dashboard; set: ReturnType<typeof useGoalQuery>["set"] }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const rate = (part: number, whole: number) => {
    const p = percent(part, whole);
    return p === undefined ? t("figure.none") : `${format.number(p, 1)}%`;
  };
  const column = (key: string, title: string, value: (c: Dashboard["children"][number]) => string) => ({
    key,
    title,
    align: "right" as const,
    className: styles.number ?? "",
    render: (_: unknown, c: Dashboard["children"][number]) => value(c),
  });
  return (
    <section className={styles.card} aria-labelledby="children">
      <h2 id="children">{t("children.title")}</h2>
      <Table
        rowKey={(c) => c.scope.id}
        size="small"
        pagination={data.children.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
        scroll={{ x: "max-content" }}
        dataSource={data.children}
        columns={[
          {
            key: "name",
            title: t("children.name"),
            fixed: "left",
            render: (_, c) => (
              <Button type="link" size="small" onClick={() => set({ org: c.scope.id })}>
                {c.scope.name}
              </Button>
            ),
          },
          column("submitted", t("figure.submitted"), (c) => format.number(c.submitted)),
          column("completed", t("figure.completed"), (c) => format.number(c.completed)),
          column("countable", t("figure.countable"), (c) => format.number(c.countable)),
          column("notCountable", t("figure.notCountable"), (c) => format.number(c.notCountable)),
          column("rate", t("children.rate"), (c) => rate(c.countable, c.countable + c.notCountable)),
          column("answer", t("figure.answer"), (c) => rate(c.answerInTime, c.answerBase)),
          column("late", t("figure.late"), (c) => rate(c.reportLate, c.ended)),
        ]}
      />
    </section>
  );
}

function Dimensions({ data, search }: { data: Dashboard; search: URLSearchParams }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const { label } = useCatalogue();
  const filter = { SERVICE: "serviceType", DOCTOR: "doctorId", HOUR: "hour" } as const;
  return (
    <div className={styles.two}>
      {(["SERVICE", "DOCTOR", "HOUR"] as const).map((dimension) => {
        const rows = data.dimensions.filter((d) => d.dimension === dimension);
        if (rows.length === 0) return null;
        return (
          <section key={dimension} className={styles.card} aria-labelledby={`by-${dimension}`}>
            <h2 id={`by-${dimension}`}>{t(`dimension.${dimension}`)}</h2>
            <Table
              rowKey="value"
              size="small"
              pagination={rows.length > 24 ? { pageSize: 24, showSizeChanger: false } : false}
              dataSource={rows}
              columns={[
                {
                  key: "value",
                  render: (_, d) =>
                    dimension === "SERVICE"
                      ? label("serviceTypes", d.value)
                      : dimension === "HOUR"
                        ? t("dimension.hour", { h: Number(d.value) })
                        : d.name,
                },
                {
                  key: "submitted",
                  align: "right",
                  title: t("figure.submitted"),
                  render: (_, d) => (
                    <Link
                      to={rowsAddress(search, {
                        [filter[dimension]]: dimension === "HOUR" ? String(Number(d.value)) : d.value,
                      })}
                    >
                      {format.number(d.submitted)}
                    </Link>
                  ),
                },
                {
                  key: "completed",
                  align: "right",
                  title: t("figure.completed"),
                  render: (_, d) => format.number(d.completed),
                },
                {
                  key: "countable",
                  align: "right",
                  title: t("figure.countable"),
                  render: (_, d) => format.number(d.countable),
                },
                {
                  key: "late",
                  align: "right",
                  title: t("figure.late"),
                  render: (_, d) => format.number(d.reportLate),
                },
              ]}
            />
          </section>
        );
      })}
    </div>
  );
}

export { GoalsPage as Component };
