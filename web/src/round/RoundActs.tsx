import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { hasCode, useCatalogue, useCommand } from "../api";
import { useServices } from "../app/services";
import { useCall } from "../call/useCall";
import { Dialog, ReasonDialog, Refused } from "../dialog";
import styles from "./Round.module.css";
import { callPath, nextOf, nowOf, type Round, useKeepRound, useToTurn } from "./useRound";

type Asking = "PAUSE" | "END" | "CANCEL";

/** What is to be done with the round as a whole. `compact` within the call: the next resident alone, the rest behind the list. */
export function RoundActs({
  round,
  before,
  compact = false,
}: {
  round: Round;
  /** what is to be saved before the turn goes on */
  before?: (() => Promise<unknown> | void) | undefined;
  compact?: boolean;
}) {
  const { t } = useTranslation("round");
  const { choices } = useCatalogue();
  const navigate = useNavigate();
  const { query } = useServices();
  const { leave } = useCall();
  const keep = useKeepRound();
  const toTurn = useToTurn();
  const [asking, setAsking] = useState<Asking>();
  const step = useCommand("post", "/api/v1/rounds/{id}/steps", {
    onSuccess: (next, { body }) => {
      keep(next);
      setAsking(undefined);
      if (body.action === "NEXT" || body.action === "RESUME") toTurn(next, compact);
      if (body.action === "PAUSE" || body.action === "END") {
        leave();
        void navigate(`/rounds/${next.id}`, { replace: compact });
      }
    },
    onError: (error) => {
      if (hasCode(error, "round_moved")) void query.invalidateQueries({ queryKey: ["/api/v1/rounds/{id}"] });
    },
  });
  const may = (action: Round["actions"][number]) => round.actions.includes(action);
  const send = async (action: "OPEN" | "NEXT" | "RESUME" | Asking, reason?: string) => {
    if (action === "NEXT" || action === "END") await before?.();
    step.mutate({
      path: { id: round.id },
      body: {
        action,
        ...(reason ? { reason } : {}),
        ...(["NEXT", "PAUSE", "END"].includes(action) && round.currentId
          ? { currentId: round.currentId }
          : {}),
      },
    });
  };
  const next = nextOf(round);
  const now = nowOf(round);
  const path = now && callPath(round, now);
  const left = round.entries.filter((e) => e.state === "NOT_YET").length;
  const size = compact ? undefined : styles.go;
  return (
    <>
      <div className={styles.acts}>
        {may("OPEN") && (
          <Button type="primary" className={size} loading={step.isPending} onClick={() => void send("OPEN")}>
            {t(round.doctoring ? "open.doctor" : "open.nurse")}
          </Button>
        )}
        {may("RESUME") && (
          <Button
            type="primary"
            className={size}
            loading={step.isPending}
            onClick={() => void send("RESUME")}
          >
            {t("resume")}
          </Button>
        )}
        {!compact && path && round.state === "RUNNING" && (
          <Button type="primary" className={size} onClick={() => toTurn(round, false)}>
            {t("toCall")}
          </Button>
        )}
        {may("NEXT") && next && (
          <Button
            type={now && !compact ? "default" : "primary"}
            className={size}
            loading={step.isPending}
            disabled={next.blocks.length > 0}
            onClick={() => void send("NEXT")}
          >
            {t(round.currentId ? "next" : "first", { who: t("bedAndName", next) })}
          </Button>
        )}
        {may("END") && (!compact || !next) && (
          <Button type={next ? "default" : "primary"} className={size} onClick={() => setAsking("END")}>
            {t("end")}
          </Button>
        )}
        {may("PAUSE") && (
          <Button className={size} onClick={() => setAsking("PAUSE")}>
            {t(compact ? "pauseShort" : "pause")}
          </Button>
        )}
        {may("CHANGE") && (
          <Button className={size} onClick={() => void navigate(`/rounds/${round.id}/plan`)}>
            {t("change")}
          </Button>
        )}
        {may("CANCEL") && (
          <Button className={size} onClick={() => setAsking("CANCEL")}>
            {t("cancel")}
          </Button>
        )}
      </div>
      {compact && may("NEXT") && next && next.blocks.length > 0 && (
        <p className={styles.why}>{t("blocked", { why: next.blocks.map((b) => b.message).join(" ") })}</p>
      )}
      {!asking &&
        (hasCode(step.error, "round_moved") ? (
          <p role="status">{t("moved")}</p>
        ) : (
          <Refused error={step.error} />
        ))}
      {(asking === "PAUSE" || asking === "CANCEL") && (
        <ReasonDialog
          title={t(asking === "PAUSE" ? "pause" : "cancel")}
          body={t(asking === "PAUSE" ? "pauseBody" : "cancelBody")}
          onClose={() => setAsking(undefined)}
          act={t(asking === "PAUSE" ? "pause" : "cancel")}
          busy={step.isPending}
          error={step.error}
          preset={asking === "PAUSE" ? "EMERGENCY" : undefined}
          reasons={choices(asking === "PAUSE" ? "round_pause" : "round_cancel")}
          onSend={({ reason }) => void send(asking, reason)}
        />
      )}
      <Dialog
        open={asking === "END"}
        title={t("endAsk")}
        onClose={() => setAsking(undefined)}
        act={t("end")}
        busy={step.isPending}
        error={step.error}
        onAct={() => void send("END")}
      >
        <p>{t("endBody", { n: left })}</p>
      </Dialog>
    </>
  );
}
