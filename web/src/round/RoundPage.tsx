import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useParams } from "react-router";
import { useCatalogue } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useCall } from "../call/useCall";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Notice, Tone } from "../theme";
import styles from "./Round.module.css";
import { RoundActs } from "./RoundActs";
import { RoundList } from "./RoundList";
import { roundTone } from "./tone";
import { nextOf, nowOf, type Round, useRound, useToTurn } from "./useRound";

/** One round: who is on the list, what is missing, and the way into the call; between two residents one passes here without leaving it. */
function RoundPage() {
  const { t } = useTranslation("round");
  const { id = "" } = useParams();
  const round = useRound(id);
  return (
    <Page title={t("title")}>
      <Loaded query={round}>{(data) => <Shown round={data} />}</Loaded>
    </Page>
  );
}
export { RoundPage as Component };

function Shown({ round }: { round: Round }) {
  const { t } = useTranslation("round");
  const { chosen } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(30_000);
  useTurn(round);
  return (
    <div className={styles.stack}>
      <section className={styles.card} aria-label={round.organisation}>
        <span className={styles.line}>
          <Tone kind={roundTone[round.state]}>{chosen("round_state", round.state)}</Tone>
          <strong className={styles.name}>{round.organisation}</strong>
          <span>
            {round.hospital} {t("who", round)}
          </span>
          <span>{format.moment(round.startsAt, now)}</span>
          <span className={styles.quiet}>{t("count", { n: round.entries.length })}</span>
        </span>
        <span className={styles.quiet}>
          {[
            round.nurse &&
              round.nurseAt &&
              t("in.nurse", { name: round.nurse, time: format.moment(round.nurseAt, now) }),
            round.doctorAt &&
              t("in.doctor", { name: round.doctor, time: format.moment(round.doctorAt, now) }),
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
        <Standing round={round} />
        <RoundActs round={round} />
      </section>
      <RoundList round={round} />
    </div>
  );
}

/** What the round waits for, in one sentence. */
function Standing({ round }: { round: Round }) {
  const { t } = useTranslation("round");
  const { chosen } = useCatalogue();
  const { nurseAt, doctorAt, state } = round;
  if (state === "PAUSED")
    return <Notice kind="paused">{t("paused", { why: chosen("round_pause", round.pauseReason) })}</Notice>;
  if (state === "DONE") return <Notice kind="good">{t("ended")}</Notice>;
  if (state === "CANCELLED") return <Notice kind="caution">{chosen("round_cancel", round.endCode)}</Notice>;
  if (state === "RUNNING") return nextOf(round) ? null : <Notice kind="good">{t("none_left")}</Notice>;
  const wait = nurseAt && doctorAt ? "ready" : nurseAt ? "doctor" : doctorAt ? "nurse" : "both";
  return (
    <Notice kind={wait === "ready" ? "good" : "primary"} more={wait === "both" && t("waiting.early")}>
      {t(`waiting.${wait}`)}
    </Notice>
  );
}

/**
 * Goes into the call when a resident's turn comes while the page is open, and leaves a call that is over. Who comes from a resident whose turn has
 * ended does not go back there, whatever the device still knows of the round.
 */
function useTurn(round: Round): void {
  const toTurn = useToTurn();
  const { state } = useLocation() as { state: { from?: string } | null };
  const { leave, active, consultationId } = useCall();
  const now = round.state === "RUNNING" ? nowOf(round) : undefined;
  const turn = now?.consultationId === state?.from ? undefined : now?.consultationId;
  const seen = useRef(state?.from ? undefined : turn);
  useEffect(() => {
    if (turn && turn !== seen.current) toTurn(round);
    seen.current = turn;
  }, [turn, round, toTurn]);
  const over =
    active &&
    round.state !== "RUNNING" &&
    round.entries.some((e) => e.consultationId && e.consultationId === consultationId);
  useEffect(() => {
    if (over) leave();
  }, [over, leave]);
}
