import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { ApiError, hasCode, type QueueItem, readKey, useCommand, useErrorText } from "../../api";

export interface ClaimNotice {
  /** `claimed`: a colleague was faster, which is nobody's mistake */
  kind: "claimed" | "caution" | "danger";
  text: string;
}

/**
 * Answering: one claim at a time, then into the call. Whoever loses is told who won, in the page and without an alarm.
 */
export function useClaim(): {
  claim: (item: QueueItem, who: string) => void;
  claiming: string | undefined;
  notice: ClaimNotice | undefined;
  tell: (notice: ClaimNotice | undefined) => void;
  /** the request before which the doctor confirms with the second factor */
  asking: { item: QueueItem; who: string } | undefined;
  setAsking: (next: { item: QueueItem; who: string } | undefined) => void;
} {
  const { t } = useTranslation("desk");
  const navigate = useNavigate();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [claiming, setClaiming] = useState<string>();
  const [notice, tell] = useState<ClaimNotice>();
  const [asking, setAsking] = useState<{ item: QueueItem; who: string }>();
  const { mutate } = useCommand("post", "/api/v1/consultations/{id}/claim");

  const claim = (item: QueueItem, who: string) => {
    if (claiming !== undefined) return;
    setClaiming(item.id);
    tell(undefined);
    mutate(
      { path: { id: item.id }, body: { epoch: item.epoch } },
      {
        onSuccess: () => void navigate(`/work/${item.id}`),
        onError: (error) => {
          setClaiming(undefined);
          void client.invalidateQueries({ queryKey: readKey("/api/v1/queue") });
          if (hasCode(error, "second_factor_required")) setAsking({ item, who });
          else if (hasCode(error, "already_claimed")) {
            const doctor = error.problem.current?.doctorName ?? error.problem.args?.doctor;
            tell({
              kind: "claimed",
              text: doctor ? t("queue.lost", { doctor, who }) : t("queue.lostUnknown", { who }),
            });
          } else {
            tell({ kind: error instanceof ApiError ? "caution" : "danger", text: errorText(error) });
          }
        },
      },
    );
  };
  return { claim, claiming, notice, tell, asking, setAsking };
}
