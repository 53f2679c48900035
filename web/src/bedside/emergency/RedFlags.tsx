import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, useCatalogue } from "../../api";
import { Choice, Choices } from "../parts/Choice";
import { useRequestSection } from "../request/useRequestSection";
import { useEmergency } from "./context";
import { Refused } from "../../dialog";

/** The signs of danger of the chosen reasons. Choosing one opens the emergency sheet at once. */
export function RedFlags({ c }: { c: Consultation }) {
  const { t } = useTranslation("bedside");
  const catalogue = useCatalogue();
  const emergency = useEmergency();
  const update = useRequestSection(c.id);
  const [error, setError] = useState<unknown>(null);
  // What was tapped shows at once; the server's answer follows.
  const [tapped, setTapped] = useState<Record<string, boolean>>({});
  const codes = [
    ...new Set([...c.reasons.flatMap((code) => catalogue.reason(code)?.redFlags ?? []), ...c.redFlags]),
  ];
  const isOn = (code: string) => tapped[code] ?? c.redFlags.includes(code);

  const toggle = (code: string) => {
    const on = !isOn(code);
    setTapped({ ...tapped, [code]: on });
    setError(null);
    if (on) emergency.open(code);
    update((known) => {
      const others = known.redFlags.filter((flag) => flag !== code);
      return { redFlags: on ? [...others, code] : others };
    })
      .catch(setError)
      .finally(() => setTapped((known) => without(known, code)));
  };

  return (
    <>
      <p>{t("redFlags.question")}</p>
      <Choices label={t("redFlags.title")} columns="one">
        {codes.map((code) => (
          <Choice key={code} tone="danger" chosen={isOn(code)} onClick={() => toggle(code)}>
            {catalogue.label("redFlags", code)}
          </Choice>
        ))}
      </Choices>
      <Refused error={error} />
    </>
  );
}

function without(known: Record<string, boolean>, code: string): Record<string, boolean> {
  return Object.fromEntries(Object.entries(known).filter(([key]) => key !== code));
}
