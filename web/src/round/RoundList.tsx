import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useCatalogue, useCommand } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { ReasonDialog, Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Tone, type ToneKind } from "../theme";
import styles from "./Round.module.css";
import { type Entry, type Round, useKeepRound } from "./useRound";

const tones: Record<Entry["state"], ToneKind> = {
  NOT_YET: "muted",
  NOW: "primary",
  DONE: "good",
  SKIPPED: "caution",
};

/** The residents of a round: where each stands, what is missing, and what can be done about it. */
export function RoundList({ round, onCalled }: { round: Round; onCalled?: (round: Round) => void }) {
  const { t } = useTranslation("round");
  const { choices } = useCatalogue();
  const keep = useKeepRound();
  const [skipping, setSkipping] = useState<Entry>();
  const step = useCommand("post", "/api/v1/rounds/{id}/steps", {
    onSuccess: (next, { body }) => {
      keep(next);
      setSkipping(undefined);
      if (body.action === "NEXT") onCalled?.(next);
    },
  });
  const path = { id: round.id };
  const acting = step.isPending ? step.variables.body.entryId : undefined;
  return (
    <>
      <ol className={styles.list} aria-label={t("list")}>
        {round.entries.map((e) => (
          <li key={e.id} data-state={e.state} aria-current={e.state === "NOW" ? "step" : undefined}>
            <EntryRow
              e={e}
              round={round}
              busy={acting === e.id}
              onSkip={() => setSkipping(e)}
              onRestore={() => step.mutate({ path, body: { action: "RESTORE", entryId: e.id } })}
              onCall={() =>
                step.mutate({
                  path,
                  body: {
                    action: "NEXT",
                    entryId: e.id,
                    ...(round.currentId ? { currentId: round.currentId } : {}),
                  },
                })
              }
            />
          </li>
        ))}
      </ol>
      {!skipping && <Refused error={step.error} />}
      {skipping && (
        <ReasonDialog
          title={t("skipTitle", { who: t("bedAndName", skipping) })}
          onClose={() => setSkipping(undefined)}
          act={t("skip")}
          busy={step.isPending}
          error={step.error}
          reasons={choices("round_skip").filter(({ value }) => value !== "ROUND_ENDED")}
          preset={skipping.blocks.some((b) => b.code === "consent_required") ? "NO_CONSENT" : undefined}
          onSend={({ reason, words }) =>
            step.mutate({
              path,
              body: { action: "SKIP", entryId: skipping.id, reason, ...(words ? { note: words } : {}) },
            })
          }
        />
      )}
    </>
  );
}

function EntryRow({
  e,
  round,
  busy,
  onSkip,
  onRestore,
  onCall,
}: {
  e: Entry;
  round: Round;
  busy: boolean;
  onSkip: () => void;
  onRestore: () => void;
  onCall: () => void;
}) {
  const { t } = useTranslation("round");
  const { chosen } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  const may = (action: Round["actions"][number]) => round.actions.includes(action);
  const draft = !round.doctoring && e.consultationId && (e.state === "NOT_YET" || e.state === "SKIPPED");
  const record = e.state === "DONE" && e.consultationId;
  return (
    <div className={styles.entry}>
      <div className={styles.words}>
        <span className={styles.line}>
          <Tone kind={tones[e.state]}>{chosen("round_entry", e.state)}</Tone>
          <strong className={styles.name}>{t("bedAndName", e)}</strong>
          <span className={styles.quiet}>
            {[format.sex(e.sex), format.age(e.age), e.ward].filter(Boolean).join(" · ")}
          </span>
        </span>
        {e.why.length > 0 && (
          <span className={styles.quiet}>{e.why.map((code) => chosen("round_why", code)).join("、")}</span>
        )}
        {e.skipReason && (
          <span className={styles.quiet}>
            {chosen("round_skip", e.skipReason)} {e.skipNote}
          </span>
        )}
        {e.blocks.length > 0 && (
          <span className={styles.caution}>
            {t("blocked", { why: e.blocks.map((b) => b.message).join(" ") })}
          </span>
        )}
        {e.calledAt && (
          <span className={styles.quiet}>
            {[
              t("called", { time: format.moment(e.calledAt, now) }),
              e.effectiveSeconds > 0 && t("seconds", { time: format.span(e.effectiveSeconds) }),
              e.reportPending && t("reportOpen"),
            ]
              .filter(Boolean)
              .join(" · ")}
          </span>
        )}
      </div>
      <div className={styles.acts}>
        {draft && e.blocks.length > 0 && (
          <Link to={`/ward/requests/${e.consultationId}?step=call`}>
            <Button type="primary">{e.blocks.find((b) => b.mendLabel)?.mendLabel ?? t("mend")}</Button>
          </Link>
        )}
        {record && (
          <Link to={round.doctoring ? `/work/${e.consultationId}` : `/ward/requests/${e.consultationId}`}>
            <Button>{t("openRecord")}</Button>
          </Link>
        )}
        {e.state === "NOT_YET" && may("NEXT") && round.currentId && e.blocks.length === 0 && (
          <Button onClick={onCall} loading={busy}>
            {t("callNow")}
          </Button>
        )}
        {(e.state === "NOT_YET" || (e.state === "NOW" && e.consultationState === "WAITING")) &&
          may("SKIP") && <Button onClick={onSkip}>{t("skip")}</Button>}
        {e.state === "SKIPPED" && !e.calledAt && may("RESTORE") && (
          <Button onClick={onRestore} loading={busy}>
            {t("restore")}
          </Button>
        )}
      </div>
    </div>
  );
}
