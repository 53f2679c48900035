import { useTranslation } from "react-i18next";
import { useCatalogue } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { type Act, isConflict, isRepeated } from "./acts";

/** What the server has where an act was not taken because somebody else was faster: state, by whom, when. */
export function useTheirs(act: Act): string | undefined {
  const { t } = useTranslation("offline");
  const { chosen } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  const visit = act.refusal?.problem.visit;
  if (!isConflict(act) || !visit) return undefined;
  const last = visit.events.findLast((event) =>
    act.kind === "RECORD"
      ? event.type === "RECORDED"
      : act.kind === "STEP" && isRepeated(act)
        ? event.type === act.body.action
        : event.toState !== undefined,
  );
  return [
    t("held.now", { state: chosen("visit_state", visit.state) }),
    last &&
      t("held.by", {
        what: chosen("visit_event", last.type),
        who: last.actor,
        at: format.moment(last.deviceAt ?? last.at, now),
      }),
    t("held.mine", { at: format.moment(act.at, now) }),
  ]
    .filter(Boolean)
    .join(" · ");
}
