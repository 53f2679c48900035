import { useTranslation } from "react-i18next";
import { useServices } from "../app/services";
import { Dialog } from "../dialog";
import { type Act, aboutOf } from "./acts";
import { useOffline } from "./useOffline";
import { useWords } from "./useWords";

/** Asks before something that the person did is given up, and says what goes with it. */
export function Drop({ act, onClose }: { act: Act; onClose: () => void }) {
  const { t } = useTranslation("offline");
  const { offline } = useServices();
  const { acts } = useOffline();
  const words = useWords();
  // A request that is not there cannot be submitted.
  const behind =
    act.about.kind === "request"
      ? acts.filter((one) => aboutOf(one) === aboutOf(act) && one.id > act.id)
      : [];
  const gone = [act, ...behind];
  return (
    <Dialog
      title={t("drop.title")}
      danger
      act={t("drop.act")}
      onClose={onClose}
      onAct={() => {
        void offline.log.drop(...gone.map((one) => one.id)).then(offline.retry);
        if (act.kind === "RECORD") void offline.dropDraft(`visit ${act.about.id}`);
        onClose();
      }}
    >
      <p>{t("drop.body")}</p>
      <ul>
        {gone.map((one) => (
          <li key={one.id}>
            {one.who} · {words.what(one)}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
