import { CheckOutlined, ToolOutlined } from "@ant-design/icons";
import { Button, Checkbox, Empty, Input, Segmented, Select } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useSearchParams } from "react-router";
import { readKey, useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { useServices } from "../app/services";
import { useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { dayAfter, useToday } from "../dates";
import { Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { useLanguage } from "../i18n/useLanguage";
import { Tone } from "../theme";
import styles from "./Goals.module.css";
import { GoalsShell } from "./GoalsShell";
import { measure } from "./measure";
import { StateTone } from "./Rectification";
import { type Scope, ScopeSelect, useScope } from "./ScopeSelect";

type Item = Schemas["SelfCheckItem"];
type Result = NonNullable<Item["result"]>;
type Finding = Schemas["Rectification"];

const categories = ["QUALIFICATION", "MEDICAL", "SYSTEM", "STAFF", "REMOTE", "INFECTION", "SAFETY"] as const;
const results: readonly Result[] = ["MET", "PARTLY", "NOT_MET", "NOT_APPLICABLE"];
const firstYear = 2023;
/** How long a finding of one's own is given, unless the person says otherwise. */
const daysToMend = 30;

const institutions = (scope: Scope) => scope.level === "INSTITUTION";

/** The yearly self-check: each item with the figure that the system has of it, its result, and what becomes of a problem. */
function SelfCheckPage() {
  const { t } = useTranslation("goals");
  const [search, setSearch] = useSearchParams();
  const thisYear = Number(useToday().slice(0, 4));
  const year = Number(search.get("year")) || thisYear;
  const { scopes, scope, known } = useScope(search.get("org") ?? undefined, institutions);
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(search);
    next.set(name, value);
    setSearch(next, { replace: true });
  };
  return (
    <GoalsShell title={t("check.title")} aside={<span className={styles.quiet}>{t("check.note")}</span>}>
      <div className={styles.bar}>
        <ScopeSelect scopes={scopes} scope={scope} onChange={(org) => set("org", org)} />
        <Select
          aria-label={t("check.year")}
          value={year}
          options={Array.from({ length: thisYear - firstYear + 1 }, (_, i) => ({
            value: thisYear - i,
            label: t("check.ofYear", { year: thisYear - i }),
          }))}
          onChange={(value) => set("year", String(value))}
        />
      </div>
      {scope ? (
        <Form key={`${scope.id} ${year}`} scope={scope} year={year} />
      ) : (
        known && <Empty description={t("check.noInstitution")} />
      )}
    </GoalsShell>
  );
}

function Form({ scope, year }: { scope: Scope; year: number }) {
  const { t } = useTranslation("goals");
  const query = useRead("/api/v1/goals/self-check", { query: { organisationId: scope.id, year } });
  const findings = useRead("/api/v1/goals/rectifications", { query: { organisationId: scope.id } });
  return (
    <Loaded query={query}>
      {({ items }) => (
        <>
          <Progress items={items} />
          {categories
            .map((category) => ({ category, of: items.filter((i) => i.category === category) }))
            .filter(({ of }) => of.length > 0)
            .map(({ category, of }) => (
              <section key={category} className={styles.card} aria-labelledby={`check-${category}`}>
                <h2 id={`check-${category}`}>{t(`category.${category}`)}</h2>
                <ul className={styles.checks}>
                  {of.map((item) => (
                    <Line
                      key={item.code}
                      item={item}
                      year={year}
                      scope={scope}
                      findings={(findings.data ?? []).filter(
                        (f) => f.item === item.code && f.foundOn.startsWith(String(year)),
                      )}
                      onEntered={() => void findings.refetch()}
                    />
                  ))}
                </ul>
              </section>
            ))}
        </>
      )}
    </Loaded>
  );
}

/** How far the form is, and what was found. */
function Progress({ items }: { items: Item[] }) {
  const { t } = useTranslation("goals");
  const n = (result: Result) => items.filter((i) => i.result === result).length;
  const done = items.filter((i) => i.result).length;
  return (
    <p className={styles.bar} role="status">
      <strong>
        {done === items.length ? t("check.complete") : t("check.progress", { n: done, of: items.length })}
      </strong>
      {results.map(
        (result) =>
          n(result) > 0 && (
            <Tone key={result} kind={tones[result]}>
              {t(`check.results.${result}`)} {n(result)}
            </Tone>
          ),
      )}
    </p>
  );
}

const tones = { MET: "good", PARTLY: "caution", NOT_MET: "danger", NOT_APPLICABLE: "muted" } as const;

function Line({
  item,
  year,
  scope,
  findings,
  onEntered,
}: {
  item: Item;
  year: number;
  scope: Scope;
  findings: Finding[];
  onEntered: () => void;
}) {
  const { t } = useTranslation("goals");
  const { query } = useServices();
  const english = useLanguage() === "en";
  const format = useFormat();
  const now = useServerNow(60_000);
  const me = useMe();
  const today = useToday();
  const id = useId();
  const [problem, setProblem] = useState(item.problem ?? "");
  const save = useCommand("put", "/api/v1/goals/self-check", {
    onSuccess: (data) =>
      query.setQueryData(
        readKey("/api/v1/goals/self-check", { query: { organisationId: scope.id, year } }),
        data,
      ),
  });
  const enter = useCommand("post", "/api/v1/goals/rectifications", { onSuccess: onEntered });
  const faulty = item.result === "PARTLY" || item.result === "NOT_MET";
  const words = problem.trim();
  const keep = (changes: { result?: Result; immediate?: boolean }) => {
    const result = changes.result ?? item.result;
    if (!result) return;
    const lacks = result === "PARTLY" || result === "NOT_MET";
    save.mutate({
      body: {
        organisationId: scope.id,
        year,
        code: item.code,
        result,
        immediate: lacks && (changes.immediate ?? item.immediate),
        ...(lacks && words ? { problem: words } : {}),
        revision: item.revision,
      },
    });
  };
  return (
    <li>
      <div>
        <strong>{english ? item.itemEn : item.itemZh}</strong>
        <p className={styles.quiet}>{item.basis}</p>
      </div>
      <div>{item.figure && <Figure figure={item.figure} year={year} org={scope.id} />}</div>
      <div className={styles.steps}>
        {scope.own ? (
          <div className={styles.bar}>
            <Segmented<Result | "">
              aria-label={english ? item.itemEn : item.itemZh}
              value={item.result ?? ""}
              disabled={save.isPending}
              options={results.map((value) => ({ value, label: t(`check.results.${value}`) }))}
              onChange={(value) => value && keep({ result: value })}
            />
            {item.checkedAt && (
              <span className={styles.quiet}>
                <CheckOutlined aria-hidden /> {item.checkedBy} {format.moment(item.checkedAt, now)}
              </span>
            )}
          </div>
        ) : (
          <span>
            <Tone kind={item.result ? tones[item.result] : "muted"}>
              {t(item.result ? `check.results.${item.result}` : "check.notYet")}
            </Tone>
          </span>
        )}
        {faulty && !scope.own && item.problem && <p>{item.problem}</p>}
        {faulty && scope.own && (
          <>
            <label className="visually-hidden" htmlFor={id}>
              {t("check.problem")}
            </label>
            <Input.TextArea
              id={id}
              value={problem}
              maxLength={1000}
              autoSize={{ minRows: 2, maxRows: 6 }}
              placeholder={t("check.problem")}
              onChange={(event) => setProblem(event.target.value)}
              onBlur={() => words !== (item.problem ?? "") && keep({})}
            />
            <div className={styles.bar}>
              <Checkbox
                checked={item.immediate}
                disabled={save.isPending}
                onChange={(event) => keep({ immediate: event.target.checked })}
              >
                {t("check.immediate")}
              </Checkbox>
              <Button
                icon={<ToolOutlined aria-hidden />}
                disabled={!words}
                loading={enter.isPending}
                onClick={() =>
                  enter.mutate({
                    body: {
                      organisationId: scope.id,
                      item: item.code,
                      category: item.category as (typeof categories)[number],
                      severity: item.result === "NOT_MET" ? "MAJOR" : "MINOR",
                      finding: words,
                      owner: me.name,
                      dueOn: dayAfter(today, { days: daysToMend }),
                    },
                  })
                }
              >
                {t(findings.length > 0 ? "check.another" : "check.mend")}
              </Button>
              {!words && <span className={styles.quiet}>{t("check.mendHint")}</span>}
            </div>
          </>
        )}
        {findings.map((f) => (
          <span key={f.id} className={styles.bar}>
            <Link to={`/goals/rectifications?org=${scope.id}&id=${f.id}`}>{f.number}</Link>
            <StateTone of={f} />
          </span>
        ))}
        {(save.error ?? enter.error) && <Refused error={save.error ?? enter.error} />}
      </div>
    </li>
  );
}

/** What the system counts for an item, and whether that reaches the target: evidence beside the person's own judgement. */
function Figure({ figure: f, year, org }: { figure: Schemas["SelfCheckFigure"]; year: number; org: string }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const english = useLanguage() === "en";
  return (
    <div className={styles.steps}>
      <span className={styles.quiet}>
        {t("check.system")}{" "}
        <Link to={`/goals?org=${org}&kind=Y&day=${year}-01-01&show=all`}>
          {english ? f.nameEn : f.nameZh}
        </Link>
      </span>
      <span className={styles.bar}>
        {f.state === "OK" ? (
          <strong className={styles.number}>{measure(format, f.unit, f.value)}</strong>
        ) : (
          <span className={styles.quiet}>{t(`indicators.state.${f.state}`)}</span>
        )}
        {f.denominator !== undefined && (
          <span className={`${styles.quiet} ${styles.number}`}>
            {format.number(f.numerator ?? 0)} / {format.number(f.denominator)}
          </span>
        )}
        {f.met !== undefined && (
          <Tone kind={f.met ? "good" : "caution"}>{t(f.met ? "indicators.met" : "indicators.notMet")}</Tone>
        )}
      </span>
    </div>
  );
}

export { SelfCheckPage as Component };
