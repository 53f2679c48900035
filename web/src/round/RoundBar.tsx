import { UnorderedListOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../dialog";
import styles from "./Round.module.css";
import { RoundActs } from "./RoundActs";
import { RoundList } from "./RoundList";
import { type Round, useToTurn } from "./useRound";

/** In the call of a round: how far it is, the next resident with one tap, the list behind a button. */
export function RoundBar({
  round,
  before,
}: {
  round: Round | undefined;
  before?: (() => Promise<unknown> | void) | undefined;
}) {
  const { t } = useTranslation(["round", "common"]);
  const toTurn = useToTurn();
  const [open, setOpen] = useState(false);
  if (!round || (round.state !== "RUNNING" && round.state !== "PAUSED")) return null;
  const now = round.entries.find((e) => e.state === "NOW");
  const at = round.entries.filter((e) => e.state === "DONE" || e.state === "NOW").length;
  return (
    <div className={styles.bar} role="region" aria-label={t("title")}>
      <span>{t("progress", { at, n: round.entries.length })}</span>
      {/* At the bedside nothing else in the picture says whose record this is. */}
      {now && <strong>{t("bedAndName", { bed: now.bed, name: now.name })}</strong>}
      <Button icon={<UnorderedListOutlined aria-hidden />} onClick={() => setOpen(true)}>
        {t("list")}
      </Button>
      <RoundActs round={round} before={before} compact />
      <Dialog
        open={open}
        width="wide"
        title={t("list")}
        onClose={() => setOpen(false)}
        footer={<Button onClick={() => setOpen(false)}>{t("common:actions.close")}</Button>}
      >
        <RoundList round={round} onCalled={(next) => toTurn(next)} />
      </Dialog>
    </div>
  );
}
