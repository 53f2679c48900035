import { CheckCircleFilled } from "@ant-design/icons";
import { Input } from "antd";
import { useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, type Urgency, useCatalogue, useCommand } from "../../api";
import { UrgencyMark, urgencyTone } from "../../theme";
import { Choice, Choices } from "../parts/Choice";
import { asReadings, newestByCode } from "../vitals/entry";
import styles from "./Urgency.module.css";
import { needsReason, urgencies } from "./urgency";

const reasons = ["measuredAgain", "usual", "seen"] as const;

/** How urgent: preselected with its grounds. Raising is free, lowering asks why. */
export function UrgencyPicker({
  c,
  chosen,
  onChoose,
  why,
  onWhy,
  whyMissing,
}: {
  c: Consultation;
  chosen: Urgency;
  onChoose: (urgency: Urgency) => void;
  why: string;
  onWhy: (why: string) => void;
  whyMissing: boolean;
}) {
  const { t } = useTranslation("bedside");
  const { label } = useCatalogue();
  const id = useId();
  const whyBox = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // What is missing comes into view: the button that asks for it is at the other end of the page.
    if (whyMissing) whyBox.current?.scrollIntoView?.({ block: "center" });
  }, [whyMissing]);
  const lowered = needsReason(c.urgencyProposed, chosen);
  return (
    <div className={styles.picker}>
      <div role="radiogroup" aria-label={t("urgency.title")} className={styles.urgencies}>
        {urgencies.map((urgency) => (
          <label key={urgency} className={styles.urgency} data-tone={urgencyTone(urgency)}>
            <input
              type="radio"
              name={id}
              className="visually-hidden"
              checked={chosen === urgency}
              onChange={() => onChoose(urgency)}
            />
            <span className={styles.mark}>
              <UrgencyMark urgency={urgency} />
            </span>
            <span className={styles.words}>
              {label("urgencies", urgency)}
              {urgency === c.urgencyProposed && <span className={styles.hint}>{t("urgency.proposed")}</span>}
            </span>
            {chosen === urgency && <CheckCircleFilled className={styles.tick} aria-hidden />}
          </label>
        ))}
      </div>
      <Grounds c={c} />
      {lowered && (
        <div className={styles.why} ref={whyBox}>
          <p id={`${id}-why`} className={styles.whyTitle} data-missing={whyMissing}>
            {t("urgency.why", { from: label("urgencies", c.urgencyProposed) })}
          </p>
          <Choices label={t("urgency.whyLabel")}>
            {reasons.map((reason) => (
              <Choice
                key={reason}
                chosen={why === t(`urgency.reasons.${reason}`)}
                onClick={() => onWhy(t(`urgency.reasons.${reason}`))}
              >
                {t(`urgency.reasons.${reason}`)}
              </Choice>
            ))}
          </Choices>
          <Input
            value={why}
            onChange={(event) => onWhy(event.target.value)}
            maxLength={300}
            aria-labelledby={`${id}-why`}
            aria-invalid={whyMissing}
            status={whyMissing ? "error" : ""}
            placeholder={t("urgency.otherReason")}
          />
          <div role="alert" className={styles.missing}>
            {whyMissing && t("urgency.whyMissing")}
          </div>
        </div>
      )}
    </div>
  );
}

/** Why the server proposes it, in its words. */
function Grounds({ c }: { c: Consultation }) {
  const { t } = useTranslation("bedside");
  const { mutate, data } = useCommand("post", "/api/v1/triage");
  const readings = asReadings(newestByCode(c.vitals).values());
  // One text for all that the proposal depends on: it is asked again only when something of it changed.
  const input = JSON.stringify({ reasons: c.reasons, redFlags: c.redFlags, readings });
  useEffect(() => {
    mutate({ body: JSON.parse(input) as Parameters<typeof mutate>[0]["body"] });
  }, [input, mutate]);
  if (!data || data.grounds.length === 0) return <p className={styles.hint}>{t("urgency.noGrounds")}</p>;
  return (
    <ul className={styles.grounds} aria-label={t("urgency.grounds")}>
      {data.grounds.map((ground) => (
        <li key={`${ground.code}-${JSON.stringify(ground.args)}`}>{ground.message}</li>
      ))}
    </ul>
  );
}
