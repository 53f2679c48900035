import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, useCatalogue, useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import admin from "../admin/Admin.module.css";
import { Tone } from "../theme";
import { Findings, Goal, Verdict } from "./CountNote";
import { Proof } from "./Proof";
import { type Mends, Reasons } from "./Reasons";
import styles from "./Rules.module.css";
import { useMends } from "./useMends";
import { Dialog } from "../dialog";

type Code = Schemas["CountabilityApprovalInput"]["code"];

/** The evidence of counting on the record: the answer with its reasons, the gates that were asked, earlier answers, and what quality
 * control decided. */
export function CountCard({ c }: { c: Consultation }) {
  const { id } = c;
  const { t } = useTranslation("rules");
  const { chosen, label } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  const read = useRead("/api/v1/consultations/{id}/countability", { path: { id } });
  const [deciding, setDeciding] = useState<Code>();
  const common = useMends(c, "record");
  const v = read.data;
  if (!v) return null;
  const { answer } = v;
  const passable = answer?.failed.find((f) => f.approval && f.fixable);
  const mends: Mends = {
    ...common,
    ...(v.mayApprove && passable ? { ASK_QC_APPROVAL: () => setDeciding(passable.rule as Code) } : {}),
  };
  return (
    <section className={admin.card} aria-labelledby="count-title">
      <h2 id="count-title">{t("count.title")}</h2>
      {answer ? (
        <div className={styles.dialog}>
          <div className={styles.line}>
            <Verdict answer={answer} />
            <Goal answer={answer} />
          </div>
          <Findings findings={answer.failed} mends={mends} sources />
          <p className={styles.quiet}>
            {answer.periodDay &&
              t("count.attribution", {
                institution: answer.institution,
                county: label("divisions", answer.county),
                day: answer.periodDay,
              })}
            <br />
            {answer.provider && t("count.provider", { provider: answer.provider })}
            <br />
            {t("count.ruleset", {
              version: answer.ruleset,
              time: format.moment(answer.evaluatedAt, now),
            })}{" "}
            {v.note}
          </p>
          {v.mayApprove && (
            <div className={`${styles.line} ${admin.noPrint}`}>
              {!answer.rules.includes("NC20") && (
                <Button danger onClick={() => setDeciding("NC20")}>
                  {t("count.uphold")}
                </Button>
              )}
            </div>
          )}
        </div>
      ) : (
        <p className={styles.quiet}>{t("count.open")}</p>
      )}
      {v.closedAt && (
        <p>
          <Tone kind="muted">
            {t("count.closed", { day: format.day(v.closedAt, now), version: v.closedRuleset })}
          </Tone>
        </p>
      )}
      <Proof id={id} proof={v.proof} onProved={() => void read.refetch()} />
      {v.approvals.length > 0 && (
        <>
          <h3>{t("count.approvals")}</h3>
          <ul className={admin.items}>
            {v.approvals.map((a) => (
              <li key={a.code}>
                {t("count.approvedBy", { code: a.code, by: a.by, time: format.moment(a.at, now) })}
                {a.reason && <p className={admin.text}>{a.reason}</p>}
              </li>
            ))}
          </ul>
        </>
      )}
      {v.gates.length > 0 && (
        <details>
          <summary>{t("count.gates")}</summary>
          <ul className={admin.items}>
            {v.gates.map((g) => (
              <li key={`${g.stage} ${g.at}`}>
                {t("count.gate", {
                  stage: chosen("gate_stage", g.stage),
                  possible: g.override ? t("service.override") : t(`service.possible.${g.possible}`),
                })}{" "}
                <span className={styles.quiet}>
                  {label("serviceTypes", g.service)} {format.moment(g.at, now)} {g.ruleset}
                </span>
                <Reasons reasons={g.reasons} mends={mends} sources />
              </li>
            ))}
          </ul>
        </details>
      )}
      {v.history.length > 1 && (
        <details>
          <summary>{t("count.history")}</summary>
          <ul className={admin.items}>
            {v.history.map((h) => (
              <li key={h.id}>
                {format.moment(h.evaluatedAt, now)} {h.countable ? t("count.yes") : t("count.no")}{" "}
                <span className={styles.quiet}>
                  {h.rules.join("、")} {h.ruleset}
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
      <Decision
        id={id}
        code={deciding}
        onClose={() => setDeciding(undefined)}
        onDone={() => void read.refetch()}
      />
    </section>
  );
}

function Decision(props: { id: string; code: Code | undefined; onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation("rules");
  const [reason, setReason] = useState("");
  const decide = useCommand("post", "/api/v1/consultations/{id}/countability/approvals", {
    onSuccess: () => {
      setReason("");
      props.onClose();
      props.onDone();
    },
  });
  return (
    <Dialog
      open={props.code !== undefined}
      title={`${props.code === "NC20" ? t("count.uphold") : t("count.approve")} ${props.code ?? ""}`}
      onClose={props.onClose}
      act={t("count.confirm")}
      danger={props.code === "NC20"}
      busy={decide.isPending}
      ready={reason.trim() !== ""}
      error={decide.error}
      onAct={() => {
        if (props.code)
          decide.mutate({ path: { id: props.id }, body: { code: props.code, reason: reason.trim() } });
      }}
    >
      <label className={styles.dialog}>
        {t("count.why")}
        <Input.TextArea
          value={reason}
          maxLength={500}
          autoSize={{ minRows: 3 }}
          onChange={(e) => setReason(e.target.value)}
        />
      </label>
    </Dialog>
  );
}
