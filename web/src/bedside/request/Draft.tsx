import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useSearchParams } from "react-router";
import { type Consultation, useCatalogue, useRead } from "../../api";
import { EmergencyButton } from "../emergency/EmergencyButton";
import { EmergencyProvider } from "../emergency/EmergencyProvider";
import { ActionBar } from "../parts/Panel";
import { ResidentHead } from "../parts/ResidentHead";
import { LifeNotices } from "../../life/Notices";
import { CallStep } from "./CallStep";
import { CancelButton } from "./CancelButton";
import { ReasonChips } from "./ReasonChips";
import styles from "./Request.module.css";
import { type Step, Steps, steps } from "./Steps";
import { homeOfRequest } from "./progress";
import { useRequestSection } from "./useRequestSection";
import { UnsentRequests } from "./Unsent";
import { VitalsStep } from "./VitalsStep";
import { Refused } from "../../dialog";

/** A request before the call: why, what was measured, whom to call. The address holds the step, so a reload stays on it. */
export function Draft({ c }: { c: Consultation }) {
  const [search, setSearch] = useSearchParams();
  const asked = search.get("step");
  const step: Step = steps.find((s) => s === asked) ?? "vitals";
  const go = (to: Step) => setSearch({ step: to }, { replace: true });
  const resident = useRead(
    "/api/v1/residents/{id}",
    { path: { id: c.resident.id } },
    // From a home the readings of the visit came along; who visits is shown no file of the house.
    { enabled: c.visitId === undefined },
  );
  return (
    <EmergencyProvider c={c}>
      <div className={styles.top}>
        <ResidentHead of={c.resident} most={4} />
        <div className={styles.topActions}>
          <EmergencyButton c={c} />
          <CancelButton c={c} />
        </div>
      </div>
      <UnsentRequests only={c.id} />
      {c.returned && <LifeNotices c={c} />}
      <Steps now={step} draftId={c.id} />
      {step === "reason" && <ReasonStep c={c} onNext={() => go("vitals")} />}
      {step === "vitals" && (
        <VitalsStep c={c} latest={resident.data?.latestVitals ?? []} onNext={() => go("call")} />
      )}
      {step === "call" && <CallStep c={c} />}
    </EmergencyProvider>
  );
}

/** Back at the reasons: several may hold. */
function ReasonStep({ c, onNext }: { c: Consultation; onNext: () => void }) {
  const { t } = useTranslation(["bedside", "common"]);
  const { catalogue } = useCatalogue();
  const update = useRequestSection(c.id);
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>(null);
  const toggle = (code: string) => {
    setError(null);
    update((known) => {
      const without = known.reasons.filter((r) => r !== code);
      const reasons = without.length < known.reasons.length ? without : [...known.reasons, code];
      // A request has at least one reason.
      return { reasons: reasons.length > 0 ? reasons : known.reasons };
    }).catch(setError);
  };
  return (
    <>
      <p className={styles.question}>{t("reason.several")}</p>
      <ReasonChips reasons={catalogue?.reasons} chosen={c.reasons} onToggle={toggle} />
      <Refused error={error} />
      <ActionBar>
        <Button size="large" onClick={() => void navigate(homeOfRequest(c))}>
          {t("request.later")}
        </Button>
        <Button size="large" type="primary" className={styles.next} onClick={onNext}>
          {t("common:actions.next")}
        </Button>
      </ActionBar>
    </>
  );
}
