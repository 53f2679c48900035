import { Checkbox, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { useAskedWords } from "./Asked";
import { type BoardDoctor, type BoardRow, candidates, isFree, lastAsk } from "./board";
import styles from "./Board.module.css";
import { PresenceTone } from "./PresenceTone";
import { Dialog } from "../dialog";

/**
 * Gives a request to one doctor: to who is present and free at once, to anybody else only with the word that the doctor was
 * reached by phone and agreed.
 */
export function AssignDialog({
  row,
  doctors,
  onClose,
  onDone,
}: {
  row: BoardRow;
  doctors: readonly BoardDoctor[];
  onClose: () => void;
  onDone: (text: string) => void;
}) {
  const { t } = useTranslation(["board", "common"]);
  const [chosen, setChosen] = useState<string>();
  const [byPhone, setByPhone] = useState(false);
  const list = candidates(doctors, row.asked);
  const doctor = list.find((d) => d.person.id === chosen);
  const needsPhone = doctor !== undefined && !isFree(doctor);
  const assign = useCommand("post", "/api/v1/consultations/{id}/assign", {
    onSuccess: () => doctor && onDone(t("assign.done", { name: doctor.person.name })),
  });
  const who = t("who", { bed: row.resident.bed, name: row.resident.name });
  return (
    <Dialog
      title={t("assign.title", { who })}
      onClose={onClose}
      act={doctor ? t("assign.confirm", { name: doctor.person.name }) : t("assign.button")}
      busy={assign.isPending}
      ready={doctor !== undefined && (byPhone || !needsPhone)}
      error={assign.error}
      onAct={() =>
        doctor &&
        assign.mutate({
          path: { id: row.id },
          body: {
            epoch: row.epoch,
            doctorId: doctor.person.id,
            ...(needsPhone ? { confirmedByPhone: true } : {}),
          },
        })
      }
    >
      <p>{t("assign.body")}</p>
      {list.length === 0 && <p className={styles.quiet}>{t("assign.empty")}</p>}
      <Radio.Group
        aria-label={t("assign.choose")}
        className={styles.choices}
        value={chosen}
        onChange={(event) => {
          setChosen(String(event.target.value));
          setByPhone(false);
          assign.reset();
        }}
      >
        {list.map((d) => (
          <Radio key={d.person.id} value={d.person.id} className={styles.choice}>
            <Candidate of={d} row={row} />
          </Radio>
        ))}
      </Radio.Group>
      {needsPhone && (
        <>
          <Checkbox checked={byPhone} onChange={(event) => setByPhone(event.target.checked)}>
            {t("assign.byPhone")}
          </Checkbox>
          <p className={styles.quiet}>{t("assign.byPhoneHint")}</p>
        </>
      )}
    </Dialog>
  );
}

function Candidate({ of, row }: { of: BoardDoctor; row: BoardRow }) {
  const { t } = useTranslation("board");
  const format = useFormat();
  const now = useServerNow(30_000);
  const words = useAskedWords();
  const before = lastAsk(row.asked, of.person.id);
  return (
    <span className={styles.candidate}>
      <strong>{of.person.name}</strong>
      <span className={styles.quiet}>{[of.person.title, of.department].filter(Boolean).join(" ")}</span>
      <PresenceTone of={of} />
      {before && (
        <span className={styles.quiet}>
          {t("assign.before", { time: format.moment(before.at, now), result: words(before) })}
        </span>
      )}
    </span>
  );
}
