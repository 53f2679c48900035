import { Alert, Button, Input, Steps, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call, useCommand } from "../api";
import type { Schemas } from "../api/types";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { Dialog, Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import styles from "./Goals.module.css";

type Snapshot = Schemas["GoalSnapshot"];

const states = ["DRAFT", "LOCKED", "SIGNED", "FILED"] as const;

/** One version of a return: how far it is, by whom, the next step, and the proof that it is still what was locked. */
export function Return({
  snapshot: s,
  own,
  changed,
}: {
  snapshot: Snapshot;
  /** the person acts for the organisation, and does not only look at it from above */
  own: boolean;
  changed: () => void;
}) {
  const { t } = useTranslation("goals");
  const { api } = useServices();
  const format = useFormat();
  const now = useServerNow();
  const lock = useCommand("post", "/api/v1/goals/snapshots/{id}/lock");
  const sign = useCommand("post", "/api/v1/goals/snapshots/{id}/sign");
  const file = useCommand("post", "/api/v1/goals/snapshots/{id}/receipt");
  const [locking, setLocking] = useState(false);
  const [receipt, setReceipt] = useState("");
  const [verdict, setVerdict] = useState<Schemas["SnapshotVerification"]>();
  const [failed, setFailed] = useState<Error>();
  const [verifying, setVerifying] = useState(false);
  const done = { onSuccess: changed };
  const path = { path: { id: s.id } };
  const verify = () => {
    setFailed(undefined);
    setVerifying(true);
    call(api, "get", "/api/v1/goals/snapshots/{id}/verification", path)
      .then(setVerdict)
      .catch((e: unknown) => setFailed(e instanceof Error ? e : new Error(String(e))))
      .finally(() => setVerifying(false));
  };
  const by = (who: string | undefined, at: string | undefined) =>
    at ? `${who ?? ""} ${format.moment(at, now)}` : undefined;
  const told = {
    DRAFT: by(s.createdBy, s.createdAt),
    LOCKED: by(s.lockedBy, s.lockedAt),
    SIGNED: by(s.signedBy, s.signedAt),
    FILED: by(s.filedBy, s.filedAt),
  };
  return (
    <li className={styles.steps}>
      <div className={styles.bar}>
        <strong>
          {s.label} {t("returns.version", { n: s.version })}
        </strong>
        {s.receipt && <span>{t("returns.receipt", { n: s.receipt })}</span>}
        <span className={styles.push} />
        {own && s.state === "DRAFT" && (
          <Button type="primary" disabled={!s.over} onClick={() => setLocking(true)}>
            {t("returns.lock")}
          </Button>
        )}
        {own && s.state === "LOCKED" && (
          <Button type="primary" loading={sign.isPending} onClick={() => sign.mutate(path, done)}>
            {t("returns.sign")}
          </Button>
        )}
        {own && s.state === "SIGNED" && (
          <form
            className={styles.bar}
            onSubmit={(event) => {
              event.preventDefault();
              if (receipt.trim()) file.mutate({ ...path, body: { receipt: receipt.trim() } }, done);
            }}
          >
            <Input
              className={styles.receipt}
              value={receipt}
              maxLength={100}
              placeholder={t("returns.receiptNo")}
              aria-label={t("returns.receiptNo")}
              onChange={(e) => setReceipt(e.target.value)}
            />
            <Button type="primary" htmlType="submit" disabled={!receipt.trim()} loading={file.isPending}>
              {t("returns.file")}
            </Button>
          </form>
        )}
        {s.state !== "DRAFT" && (
          <Button loading={verifying} onClick={verify}>
            {t("returns.verify")}
          </Button>
        )}
      </div>
      <Steps
        size="small"
        current={states.indexOf(s.state) + (s.state === "FILED" ? 1 : 0)}
        items={states.map((state) => ({ title: t(`returns.state.${state}`), content: told[state] }))}
      />
      {s.state === "DRAFT" && !s.over && <p className={styles.quiet}>{t("returns.notOver")}</p>}
      {s.reason && <p>{t("returns.because", { reason: s.reason })}</p>}
      {s.digest && (
        <p className={styles.digest}>
          SHA-256 {s.digest} · {t("returns.rows", { n: format.number(s.rowCount) })}
          {s.ruleset && ` · ${s.ruleset}`} · {s.definitions}
        </p>
      )}
      {s.differences.length > 0 && <Differences title={t("returns.differences")} list={s.differences} />}
      <Refused error={sign.error ?? file.error ?? failed} />
      {verdict && <Verdict verdict={verdict} />}
      {locking && (
        <Dialog
          title={t("returns.lockTitle", { label: s.label })}
          act={t("returns.lock")}
          busy={lock.isPending}
          error={lock.error}
          onClose={() => setLocking(false)}
          onAct={() =>
            lock.mutate(path, {
              onSuccess: () => {
                setLocking(false);
                changed();
              },
            })
          }
        >
          <p>{t("returns.lockText")}</p>
        </Dialog>
      )}
    </li>
  );
}

function Verdict({ verdict }: { verdict: Schemas["SnapshotVerification"] }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const holds = verdict.intact && verdict.sealed;
  return (
    <Alert
      type={holds ? "success" : "error"}
      showIcon
      title={t(holds ? "returns.intact" : "returns.broken", { n: format.number(verdict.rowCount) })}
      description={
        verdict.changes.length === 0 ? (
          t("returns.unchanged")
        ) : (
          <Differences title={t("returns.since")} list={verdict.changes} />
        )
      }
    />
  );
}

function Differences({ title, list }: { title: string; list: Schemas["SnapshotDifference"][] }) {
  const { t } = useTranslation("goals");
  return (
    <details>
      <summary>
        {title} {list.length}
      </summary>
      <Table
        rowKey={(d) => d.kind + d.key}
        size="small"
        pagination={list.length > 20 ? { pageSize: 20, showSizeChanger: false } : false}
        dataSource={list}
        columns={[
          { key: "key", title: t("returns.what"), render: (_, d) => d.key },
          { key: "before", title: t("returns.before"), render: (_, d) => d.before || t("figure.none") },
          { key: "after", title: t("returns.after"), render: (_, d) => d.after || t("figure.none") },
        ]}
      />
    </details>
  );
}
