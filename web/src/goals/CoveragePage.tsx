import { Button, Radio, Table } from "antd";
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
import { useGoalQuery } from "./query";

type Row = Schemas["CoverageRow"];

/** The elders behind the family-doctor coverage (I-20), without persons. */
function CoveragePage() {
  const { t } = useTranslation("goals");
  const { api } = useServices();
  const { chosen, label } = useCatalogue();
  const format = useFormat();
  const day = useDay();
  const goal = useGoalQuery();
  const { search } = goal;
  const covered = search.get("covered") ?? "";
  const query = {
    kind: goal.query.kind,
    day: goal.query.day,
    ...(goal.query.organisationId ? { organisationId: goal.query.organisationId } : {}),
    ...(covered ? { covered: covered === "yes" } : {}),
  };
  const first = useRead("/api/v1/goals/coverage", { query }, { keepPrevious: true });
  const older = useOlder(query, first.data?.next, (cursor) =>
    call(api, "get", "/api/v1/goals/coverage", { query: { ...query, cursor } }),
  );
  const back = new URLSearchParams(search);
  back.delete("covered");
  return (
    <GoalsShell title={t("coverage.title")} aside={<Link to={`/goals?${back}`}>{t("rows.back")}</Link>}>
      <PeriodBar goal={goal} />
      <Radio.Group
        optionType="button"
        aria-label={t("coverage.which")}
        value={covered}
        onChange={(event) => goal.set({ covered: String(event.target.value) || undefined })}
        options={[
          { value: "", label: t("coverage.all") },
          { value: "no", label: t("coverage.no") },
          { value: "yes", label: t("coverage.yes") },
        ]}
      />
      <Loaded query={first}>
        {(page) => (
          <>
            <p>
              {t("coverage.count", { covered: page.covered, total: page.total })}{" "}
              <span className={styles.quiet}>{t("note")}</span>
            </p>
            <Table<Row>
              rowKey="id"
              size="small"
              pagination={false}
              scroll={{ x: "max-content" }}
              dataSource={[...page.rows, ...older.rows]}
              locale={{ emptyText: t("rows.empty") }}
              columns={[
                { key: "institution", title: t("rows.institution"), render: (_, r) => r.institution },
                {
                  key: "county",
                  title: t("coverage.county"),
                  render: (_, r) => label("divisions", r.regionCode),
                },
                {
                  key: "elder",
                  title: t("coverage.elder"),
                  render: (_, r) => [r.bed, format.sex(r.sex), format.age(r.age)].filter(Boolean).join(" "),
                },
                {
                  key: "groups",
                  title: t("coverage.groups"),
                  render: (_, r) => r.groups.map((g) => chosen("risk_group", g)).join(t("coverage.comma")),
                },
                {
                  key: "covered",
                  title: t("coverage.contract"),
                  render: (_, r) =>
                    r.covered ? (
                      <Tone kind="good" icon="✓">
                        {t("coverage.yes")}
                      </Tone>
                    ) : (
                      <Tone kind="caution">{t("coverage.no")}</Tone>
                    ),
                },
                { key: "number", title: t("coverage.number"), render: (_, r) => r.contractNumber },
                { key: "medical", title: t("coverage.medical"), render: (_, r) => r.medical },
                {
                  key: "ends",
                  title: t("coverage.ends"),
                  render: (_, r) => r.endsOn && day(r.endsOn),
                },
              ]}
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
export { CoveragePage as Component };
