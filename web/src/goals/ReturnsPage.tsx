import { Button, Empty } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { ReasonDialog, Refused } from "../dialog";
import { Exports } from "./Exports";
import styles from "./Goals.module.css";
import { GoalsShell } from "./GoalsShell";
import { PeriodBar } from "./Period";
import { firstOf, useGoalQuery } from "./query";
import { Return } from "./Return";
import { useScope } from "./ScopeSelect";

/** A period's return: draft, lock, sign off, export, receipt; verified again whenever somebody asks. */
function ReturnsPage() {
  const { t } = useTranslation("goals");
  // What is closed is over.
  const goal = useGoalQuery({ before: true });
  const { scope } = useScope(goal.query.organisationId);
  const organisation = scope ? { organisationId: scope.id } : {};
  const list = useRead("/api/v1/goals/snapshots", { query: organisation }, { enabled: scope !== undefined });
  const [correcting, setCorrecting] = useState(false);
  const create = useCommand("post", "/api/v1/goals/snapshots", {
    onSuccess: () => {
      setCorrecting(false);
      void list.refetch();
    },
  });
  const { kind, day } = goal.query;
  // The newest version of the chosen period comes first.
  const newest = list.data?.find((s) => s.kind === kind && s.first === firstOf(kind, day));
  const draft = (reason?: string) =>
    create.mutate({ body: { ...organisation, kind, day, ...(reason ? { reason } : {}) } });
  return (
    <GoalsShell title={t("returns.title")} aside={<span className={styles.quiet}>{t("note")}</span>}>
      <PeriodBar goal={goal} />
      <section className={styles.card} aria-labelledby="snapshots">
        <div className={styles.bar}>
          <h2 id="snapshots">{t("returns.list")}</h2>
          {scope?.own && newest?.state !== "DRAFT" && (
            <Button
              className={styles.push}
              type={newest ? "default" : "primary"}
              loading={create.isPending && !correcting}
              onClick={() => (newest ? setCorrecting(true) : draft())}
            >
              {t(newest ? "returns.correct" : "returns.draft")}
            </Button>
          )}
        </div>
        {!correcting && <Refused error={create.error} />}
        <Loaded query={list}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("returns.none")} />
            ) : (
              <ul className={styles.returns}>
                {rows.map((s) => (
                  <Return
                    key={s.id}
                    snapshot={s}
                    own={scope?.own === true}
                    changed={() => void list.refetch()}
                  />
                ))}
              </ul>
            )
          }
        </Loaded>
      </section>
      <Exports goal={goal} scope={scope} snapshots={list.data ?? []} />
      {correcting && (
        <ReasonDialog
          title={t("returns.correctTitle", { label: newest?.label })}
          body={t("returns.correctText")}
          label={t("returns.reason")}
          act={t("returns.correct")}
          least={1}
          busy={create.isPending}
          error={create.error}
          onClose={() => setCorrecting(false)}
          onSend={({ words }) => draft(words)}
        />
      )}
    </GoalsShell>
  );
}

export { ReturnsPage as Component };
