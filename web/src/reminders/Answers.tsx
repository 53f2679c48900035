import { useTranslation } from "react-i18next";
import type { Schemas } from "../api";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Tone, type ToneKind } from "../theme";
import styles from "./Reminders.module.css";

type Answer = Schemas["AppointmentAnswer"];

function said(a: Answer) {
  if (a.side === "FAMILY" && a.answer === "CALL_BACK")
    return a.doneAt ? ("FAMILY_CALLED" as const) : ("FAMILY_CALL_BACK" as const);
  if (a.side === "FAMILY" && a.answer === "CANCELLED") return "FAMILY_CANCELLED" as const;
  if (a.side === "FAMILY") return "FAMILY_CONFIRMED" as const;
  return a.side === "DOCTOR" ? ("DOCTOR_CONFIRMED" as const) : ("INSTITUTION_CONFIRMED" as const);
}

const tones: Record<string, ToneKind> = {
  FAMILY_CALL_BACK: "caution",
  FAMILY_CANCELLED: "danger",
};

/** What the family, the house and who comes have said about the time of an appointment. */
export function Answers({ of }: { of: Answer[] | undefined }) {
  const { t } = useTranslation("reminders");
  const format = useFormat();
  const now = useServerNow(60_000);
  if (!of || of.length === 0) return null;
  return (
    <span className={styles.acts}>
      {of.map((a) => {
        const key = said(a);
        return (
          <Tone key={a.id} kind={tones[key] ?? "good"}>
            {t(`one.said.${key}`, { at: format.moment(a.doneAt ?? a.at, now) })}
          </Tone>
        );
      })}
    </span>
  );
}

/** That the family has confirmed the time of a visit. */
export function FamilyConfirmed({ at }: { at: string | undefined }) {
  const { t } = useTranslation("reminders");
  const format = useFormat();
  const now = useServerNow(60_000);
  return at ? (
    <Tone kind="good">{t("one.said.FAMILY_CONFIRMED", { at: format.moment(at, now) })}</Tone>
  ) : null;
}
