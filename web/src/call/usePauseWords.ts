import { useTranslation } from "react-i18next";
import type { Consultation } from "../api/types";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { pauseOf } from "./pause";
import { useCall } from "./useCall";

export interface PauseWords {
  /** "已暂停 00:41，座位保留到 14:35" */
  time: string;
  /** who is missing and what happens next */
  who: string;
  /** the seat was given up */
  late: boolean;
  /** this page is in the call, or on its way back into it: nothing has to be pressed */
  here: boolean;
}

/** That a consultation pauses, in the same words for both sides; undefined while it does not. */
export function usePauseWords(
  c: Pick<Consultation, "id" | "pausedSince" | "state" | "participants">,
  own: "CARE" | "MEDICAL",
): PauseWords | undefined {
  const { t } = useTranslation(["call", "common"]);
  const format = useFormat();
  const now = useServerNow();
  const { active, consultationId, people: seen } = useCall();
  const pause = pauseOf(c);
  if (!pause) return undefined;
  const here = active && consultationId === c.id;
  const { late, missing } = pause;
  const time = format.stopwatch((now.getTime() - pause.since.getTime()) / 1000);
  const until = format.clock(pause.until);
  const over = late && now > pause.until;

  const self = missing.includes(own);
  const others = missing.some((side) => side !== own);
  const who = () => {
    if (self && others) return here ? t("pause.both") : t("pause.bothAway");
    if (self) return here ? t("pause.selfBack") : t("pause.self");
    const absent = pause.people.filter((p) => p.side !== own);
    const anybody = own === "CARE" ? t("pause.doctor") : t("pause.nurse");
    const names = absent.map((p) => p.name).join(t("common:separator")) || anybody;
    // Why, if this page saw it happen.
    const why = new Set(absent.map((p) => here && seen.find((s) => s.participantId === p.id)?.gone));
    if (why.has("lost")) return t("pause.lost", { names });
    return t(why.has("left") ? "pause.left" : "pause.absent", { names });
  };
  const further = over
    ? t("pause.over")
    : late && (here ? t("pause.lateAuto", { until }) : t("pause.keptLate", { until }));
  return {
    time: late
      ? t("pause.late", { time })
      : [t("pause.since", { time }), t("pause.kept", { until })].join(t("pause.comma")),
    who: [who(), further].filter(Boolean).join(" "),
    late,
    here,
  };
}
