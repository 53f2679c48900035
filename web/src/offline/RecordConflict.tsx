import { Button, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useServices } from "../app/services";
import { Dialog } from "../dialog";
import type { Act } from "./acts";
import { differences, merged } from "./merge";
import styles from "./Offline.module.css";
import { useWords } from "./useWords";

type Side = "mine" | "theirs";

/**
 * My record beside the one that the server has now. What only one side changed is chosen already; where both wrote, the person
 * says which. Sending replaces exactly the version that is shown here.
 */
export function RecordConflict({
  act,
  onClose,
}: {
  act: Extract<Act, { kind: "RECORD" }>;
  onClose: () => void;
}) {
  const { t } = useTranslation("offline");
  const { offline } = useServices();
  const words = useWords();
  const [choices, setChoices] = useState<Record<string, Side>>({});
  const visit = act.refusal?.problem.visit;
  if (!visit) return null;
  const mine = act.body.content;
  const theirs = visit.record ?? {};
  const parts = differences(act.base, mine, theirs);
  const chosen = (key: string): Side | undefined =>
    choices[key] ?? parts.find((part) => part.key === key)?.proposed;
  const open = parts.filter((part) => chosen(part.key) === undefined);
  const all = (side: Side) => setChoices(Object.fromEntries(parts.map((part) => [part.key, side])));
  const send = () => {
    const content = merged(mine, theirs, (key) => chosen(key) ?? "mine");
    void offline.log
      .again(act, {
        base: theirs,
        body: {
          ...act.body,
          revision: visit.recordRevision,
          content,
          at: new Date(Date.parse(act.at)).toISOString(),
        },
      } as Partial<Act>)
      .then(offline.retry);
    onClose();
  };
  return (
    <Dialog
      title={t("merge.title", { who: act.who })}
      width="widest"
      act={open.length > 0 ? t("merge.left", { n: open.length }) : t("merge.send")}
      ready={open.length === 0}
      onClose={onClose}
      onAct={send}
    >
      <p>{t("merge.body")}</p>
      <span className={styles.acts}>
        <Button size="small" onClick={() => all("mine")}>
          {t("merge.allMine")}
        </Button>
        <Button size="small" onClick={() => all("theirs")}>
          {t("merge.allTheirs")}
        </Button>
      </span>
      <div className={styles.parts}>
        {parts.map((part) => {
          const name = words.part(part, mine.template ?? theirs.template);
          return (
            <fieldset key={part.key} className={styles.part} data-open={chosen(part.key) === undefined}>
              <legend>{name}</legend>
              <Radio.Group
                className={styles.sides ?? ""}
                aria-label={name}
                value={chosen(part.key) ?? null}
                onChange={(event) => setChoices({ ...choices, [part.key]: event.target.value as Side })}
              >
                {(["mine", "theirs"] as const).map((side) => (
                  <Radio key={side} value={side} className={styles.side ?? ""}>
                    <span className={styles.quiet}>{t(`merge.${side}`)}</span>
                    <span className={styles.value}>{words.value(part.key, part[side])}</span>
                  </Radio>
                ))}
              </Radio.Group>
            </fieldset>
          );
        })}
      </div>
    </Dialog>
  );
}
