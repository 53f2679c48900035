import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useRead } from "../api";
import { Panel } from "../bedside/parts/Panel";
import { useDay } from "../i18n/useDay";
import styles from "./Panel.module.css";
import { ContractState, Groups, PlanLine } from "./parts";

/** On the resident's page: who the family doctor is, for how long, and what is due. */
export function FamilyDoctor({ residentId }: { residentId: string }) {
  const { t } = useTranslation("panel");
  const day = useDay();
  const navigate = useNavigate();
  const care = useRead("/api/v1/residents/{id}/family-care", { path: { id: residentId } }).data;
  if (!care) return null;
  const contract = care.contracts.find((c) => c.state === "IN_FORCE" || c.state === "EXPIRING");
  const plans = care.plans.filter((p) => p.state === "ACTIVE").toSorted((a, b) => b.late - a.late);
  return (
    <Panel
      title={t("card.title")}
      aside={
        <Button onClick={() => void navigate(`/ward/residents/${residentId}/family`)}>
          {t("card.more")}
        </Button>
      }
    >
      {contract ? (
        <div className={styles.who}>
          <span className={styles.line}>
            <ContractState state={contract.state} />
            <span>
              {contract.leader} · {contract.organisation}
            </span>
          </span>
          <span className={styles.quiet}>{t("panel.ends", { day: day(contract.endsOn) })}</span>
        </div>
      ) : (
        <p className={styles.quiet}>{t("card.none")}</p>
      )}
      <Groups codes={care.groups.map((g) => g.code)} />
      {plans.length > 0 && (
        <ul className={styles.plans}>
          {plans.map((p) => (
            <li key={p.id} className={styles.plan}>
              <PlanLine of={p} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
