import { Button, Input, InputNumber, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams } from "react-router";
import { readKey, useCatalogue, useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { StateTag } from "../admin/StateTag";
import { Loaded } from "../app/Loaded";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Goals.module.css";
import { GoalsShell } from "./GoalsShell";
import { EnterFinding } from "./RectificationsPage";
import { SampleState } from "./SamplesPage";
import { useScope } from "./ScopeSelect";

type Sample = Schemas["Sample"];
type Row = Schemas["SampleRow"];

/** One inspection: the frozen list with its seed, a score for each row, and what it came to. */
function SamplePage() {
  const { t } = useTranslation("goals");
  const { id = "" } = useParams();
  const query = useRead("/api/v1/goals/samples/{id}", { path: { id } });
  return (
    <GoalsShell
      title={query.data?.purpose ?? t("sample.title")}
      aside={
        <>
          {query.data && <SampleState of={query.data} />}
          <Link className={styles.push} to="/goals/samples">
            {t("sample.back")}
          </Link>
        </>
      }
    >
      <Loaded query={query}>{(sample) => <Inspection sample={sample} />}</Loaded>
    </GoalsShell>
  );
}

function Inspection({ sample }: { sample: Sample }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { query } = useServices();
  const { scopes, scope } = useScope(undefined);
  const [found, setFound] = useState<Row>();
  const keep = (data: Sample) =>
    query.setQueryData(readKey("/api/v1/goals/samples/{id}", { path: { id: sample.id } }), data);
  return (
    <>
      <section className={styles.card} aria-label={t("sample.list")}>
        <dl className={styles.definition}>
          <dt>{t("sample.subject")}</dt>
          <dd>
            {sample.subject} · {sample.label}
          </dd>
          <dt>{t("sample.drawn")}</dt>
          <dd>
            {t("sample.of", { n: format.number(sample.drawn), of: format.number(sample.population) })} ·{" "}
            {sample.drawnBy} {format.moment(sample.drawnAt, now)}
          </dd>
          <dt>{t("sample.seed")}</dt>
          <dd>
            <span className={styles.digest}>{sample.seed}</span>{" "}
            <span className={styles.quiet}>{t("sample.frozen")}</span>
          </dd>
          <dt>{t("sample.hash")}</dt>
          <dd className={styles.digest}>{sample.populationHash}</dd>
          {sample.mean !== undefined && (
            <>
              <dt>{t("sample.mean")}</dt>
              <dd>
                <strong>{format.number(sample.mean, 1)}</strong>{" "}
                <span className={styles.quiet}>
                  {t("sample.scored", { n: sample.scored, of: sample.drawn })}
                </span>
              </dd>
            </>
          )}
        </dl>
      </section>
      <Rows sample={sample} onSaved={keep} onFound={setFound} />
      <Conclusion sample={sample} onConcluded={keep} />
      {found && scope && (
        <EnterFinding
          scopes={scopes}
          scope={scope}
          initial={{
            organisationId: found.organisationId,
            finding: [t("sample.inRow", { serial: found.serial }), found.note].filter(Boolean).join(" "),
          }}
          onClose={() => setFound(undefined)}
          onEntered={() => setFound(undefined)}
        />
      )}
    </>
  );
}

function Rows({
  sample,
  onSaved,
  onFound,
}: {
  sample: Sample;
  onSaved: (sample: Sample) => void;
  onFound: (row: Row) => void;
}) {
  const { t } = useTranslation("goals");
  const { label, chosen } = useCatalogue();
  return (
    <Table<Row>
      rowKey="position"
      size="middle"
      pagination={sample.rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
      scroll={{ x: "max-content" }}
      dataSource={sample.rows}
      columns={[
        { key: "n", title: t("sample.n"), render: (_, r) => r.position },
        {
          key: "serial",
          title: t("rows.serial"),
          render: (_, r) => (
            <span className={styles.finding}>
              <span className={styles.number}>{r.serial}</span>
              <span className={styles.quiet}>
                {[r.institution, label("serviceTypes", r.serviceType)].join(" · ")}
              </span>
            </span>
          ),
        },
        { key: "state", title: t("rows.state"), render: (_, r) => <StateTag state={r.state} /> },
        {
          key: "countable",
          title: t("rows.countable"),
          render: (_, r) =>
            r.countable === undefined ? (
              <Tone kind="muted">{t("rows.unknown")}</Tone>
            ) : r.countable ? (
              <Tone kind="good" icon="✓">
                {t("rows.yes")}
              </Tone>
            ) : (
              <span className={styles.some}>
                <span>
                  <Tone kind="caution">{t("rows.no")}</Tone>
                </span>
                <span className={styles.quiet}>
                  {" "}
                  {(r.reasons ?? []).map((code) => chosen("count_rule", code)).join(t("sample.separator"))}
                </span>
              </span>
            ),
        },
        {
          key: "score",
          title: t("sample.score"),
          render: (_, r) =>
            sample.concludedAt ? (
              <ScoreText row={r} />
            ) : (
              <Score key={`${r.score} ${r.note}`} sample={sample.id} row={r} onSaved={onSaved} />
            ),
        },
        {
          key: "found",
          render: (_, r) => (
            <Button size="small" aria-description={r.serial} onClick={() => onFound(r)}>
              {t("sample.found")}
            </Button>
          ),
        },
      ]}
    />
  );
}

function ScoreText({ row }: { row: Row }) {
  return (
    <span className={styles.finding}>
      <strong>{row.score}</strong>
      <span>{row.note}</span>
      <span className={styles.quiet}>{row.inspector}</span>
    </span>
  );
}

/** Points and why; kept when one leaves the line. */
function Score({ sample, row, onSaved }: { sample: string; row: Row; onSaved: (sample: Sample) => void }) {
  const { t } = useTranslation("goals");
  const [points, setPoints] = useState<number | null>(row.score ?? null);
  const [note, setNote] = useState(row.note ?? "");
  const save = useCommand("put", "/api/v1/goals/samples/{id}", { onSuccess: onSaved });
  const changed = points !== (row.score ?? null) || note.trim() !== (row.note ?? "");
  return (
    <form
      className={styles.score}
      onSubmit={(event) => {
        event.preventDefault();
        if (points === null) return;
        save.mutate({
          path: { id: sample },
          body: { position: row.position, score: points, ...(note.trim() ? { note: note.trim() } : {}) },
        });
      }}
    >
      <InputNumber
        aria-label={`${t("sample.score")} ${row.position}`}
        min={0}
        max={100}
        precision={0}
        value={points}
        onChange={setPoints}
      />
      <Input
        aria-label={`${t("sample.why")} ${row.position}`}
        placeholder={t("sample.why")}
        value={note}
        maxLength={1000}
        onChange={(event) => setNote(event.target.value)}
      />
      <Button htmlType="submit" disabled={!changed || points === null} loading={save.isPending}>
        {t(row.score !== undefined && !changed ? "sample.kept" : "tasks.save")}
      </Button>
      <Refused error={save.error} />
    </form>
  );
}

function Conclusion({ sample, onConcluded }: { sample: Sample; onConcluded: (sample: Sample) => void }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const now = useServerNow(60_000);
  const [words, setWords] = useState("");
  const conclude = useCommand("post", "/api/v1/goals/samples/{id}/conclusion", { onSuccess: onConcluded });
  const left = sample.drawn - sample.scored;
  return (
    <section className={styles.card} aria-labelledby="conclusion">
      <h2 id="conclusion">{t("sample.conclusion")}</h2>
      {sample.concludedAt ? (
        <>
          <p>{sample.conclusion}</p>
          <p className={styles.quiet}>
            {sample.concludedBy} {format.moment(sample.concludedAt, now)} · {t("sample.stays")}
          </p>
        </>
      ) : (
        <div className={styles.steps}>
          <Input.TextArea
            aria-labelledby="conclusion"
            value={words}
            maxLength={2000}
            autoSize={{ minRows: 2, maxRows: 8 }}
            onChange={(event) => setWords(event.target.value)}
          />
          <div className={styles.bar}>
            <Button
              type="primary"
              disabled={left > 0 || words.trim().length < 2}
              loading={conclude.isPending}
              onClick={() => conclude.mutate({ path: { id: sample.id }, body: { conclusion: words.trim() } })}
            >
              {t("sample.conclude")}
            </Button>
            <span className={styles.quiet}>
              {left > 0 ? t("sample.left", { n: left }) : t("sample.stays")}
            </span>
          </div>
          <Refused error={conclude.error} />
        </div>
      )}
    </section>
  );
}

export { SamplePage as Component };
