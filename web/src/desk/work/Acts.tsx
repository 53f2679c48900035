import { CheckSquareOutlined, RollbackOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type ApiError, type Consultation, hasCode, useCommand } from "../../api";
import { useCall } from "../../call/useCall";
import { useServerNow } from "../../clock/useServerNow";
import type { ClaimNotice } from "../queue/useClaim";
import type { Draft } from "../report/useDraft";
import { MoreActs } from "../../life/MoreActs";
import { ReleaseDialog } from "./ReleaseDialog";
import styles from "./Work.module.css";
import { Dialog } from "../../dialog";

/** ms after answering during which giving back is offered as an undo */
const undoFor = 20_000;

interface ActsProps {
  c: Consultation;
  draft: Draft;
  finishing: boolean;
  setFinishing: (open: boolean) => void;
  onLost: (error: ApiError) => void;
}

/** What can be done with the consultation as a whole: give back before the call, finish after it. */
export function Acts({ c, draft, finishing, setFinishing, onLost }: ActsProps) {
  const { t } = useTranslation(["desk", "common"]);
  const navigate = useNavigate();
  const { leave } = useCall();
  const now = useServerNow();
  const [releasing, setReleasing] = useState(false);
  const mayRelease = c.actions.includes("releaseConsultation");
  // The signature ends a written question; there is no call to finish before it.
  const mayFinish = c.actions.includes("finishConsultation") && c.mode !== "WRITTEN";
  const justAnswered = c.acceptedAt !== undefined && now.getTime() - Date.parse(c.acceptedAt) < undoFor;
  const finish = useCommand("post", "/api/v1/consultations/{id}/finish", {
    onSuccess: () => {
      leave();
      setFinishing(false);
    },
    onError: (error) => {
      if (hasCode(error, "epoch_stale")) onLost(error);
    },
  });
  const released = () => {
    leave();
    const notice: ClaimNotice = { kind: "caution", text: t("queue.returned") };
    void navigate("/queue", { state: { notice } });
  };
  const close = () => {
    finish.reset();
    setFinishing(false);
  };
  const gaps = draft.gaps?.length ?? 0;

  return (
    <div className={styles.acts}>
      <MoreActs c={c} onLost={onLost} />
      {mayRelease && (
        <>
          {justAnswered && <span className={styles.quiet}>{t("work.releaseUndo")}</span>}
          <Button icon={<RollbackOutlined aria-hidden />} onClick={() => setReleasing(true)}>
            {t("work.release")}
          </Button>
        </>
      )}
      {mayFinish && (
        <Button type="primary" icon={<CheckSquareOutlined aria-hidden />} onClick={() => setFinishing(true)}>
          {t("work.finish")}
        </Button>
      )}
      <ReleaseDialog
        c={c}
        open={releasing}
        justAnswered={justAnswered}
        onClose={() => setReleasing(false)}
        onReleased={released}
        onLost={onLost}
      />
      <Dialog
        open={finishing && mayFinish}
        title={t("work.finishAsk")}
        onClose={close}
        act={t("work.finish")}
        busy={finish.isPending}
        error={finish.error}
        onAct={() => {
          void draft.flush();
          finish.mutate({ path: { id: c.id }, body: { epoch: c.epoch } });
        }}
      >
        <p>{t("work.finishBody")}</p>
        {gaps > 0 && <p className={styles.quiet}>{t("work.finishBodyGaps", { n: gaps })}</p>}
      </Dialog>
    </div>
  );
}
