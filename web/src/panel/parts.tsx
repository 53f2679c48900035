import { CheckCircleOutlined, ClockCircleOutlined, ExclamationCircleOutlined } from "@ant-design/icons";
import { useTranslation } from "react-i18next";
import { useCatalogue } from "../api";
import type { Schemas } from "../api/types";
import { useDay } from "../i18n/useDay";
import { Tone, type ToneKind } from "../theme";
import styles from "./Panel.module.css";

export type Plan = Schemas["CarePlan"];
export type Resident = Schemas["PanelResident"];
export type Contract = Schemas["FdContract"];

/** The groups of priority of a resident. */
export function Groups({ codes }: { codes: readonly string[] }) {
  const { chosen } = useCatalogue();
  return (
    <span className={styles.tags}>
      {codes.map((code) => (
        <Tone key={code} kind="muted">
          {chosen("risk_group", code)}
        </Tone>
      ))}
    </span>
  );
}

const dueTone: Record<Plan["due"], ToneKind> = { OVERDUE: "danger", DUE: "caution", LATER: "good" };
const dueIcon: Record<Plan["due"], typeof ClockCircleOutlined> = {
  OVERDUE: ExclamationCircleOutlined,
  DUE: ClockCircleOutlined,
  LATER: CheckCircleOutlined,
};

/** How a plan stands today, in words. */
export function DueTag({ of }: { of: Pick<Plan, "due" | "late"> }) {
  const { t } = useTranslation("panel");
  const Icon = dueIcon[of.due];
  return (
    <Tone kind={dueTone[of.due]} icon={<Icon aria-hidden />}>
      {of.late > 0
        ? t("panel.late", { n: of.late })
        : of.late === 0
          ? t("panel.today")
          : t("panel.inDays", { n: -of.late })}
    </Tone>
  );
}

/** A plan with why it is due: its interval and what was done last. */
export function PlanLine({ of }: { of: Plan }) {
  const { t } = useTranslation("panel");
  const { chosen } = useCatalogue();
  const day = useDay();
  return (
    <>
      <span>
        <DueTag of={of} />
      </span>
      <span>
        {chosen("plan_kind", of.plan)}{" "}
        <span className={styles.quiet}>
          {[
            t("panel.every", { n: of.days }),
            of.lastOn
              ? t("panel.last", { day: day(of.lastOn), kind: chosen("contact_kind", of.lastKind) })
              : t("panel.never"),
            t("panel.next", { day: day(of.nextOn) }),
          ].join(" · ")}
        </span>
      </span>
    </>
  );
}

const stateTone: Record<string, ToneKind> = {
  DRAFT: "primary",
  PENDING: "primary",
  IN_FORCE: "good",
  EXPIRING: "caution",
  EXPIRED: "danger",
  TERMINATED: "muted",
  VOIDED: "muted",
};

/** What a contract is today. */
export function ContractState({ state }: { state: string }) {
  const { chosen } = useCatalogue();
  return <Tone kind={stateTone[state] ?? "muted"}>{chosen("fd_contract_state", state)}</Tone>;
}

/** The address for booking: whom, for which plan, and by when; several are booked together. */
export function bookingAddress(list: readonly Pick<Resident, "residentId" | "plans" | "nextOn">[]): string {
  const search = new URLSearchParams();
  for (const r of list) search.append("resident", r.residentId);
  const [first] = list;
  if (list.length === 1 && first) {
    const [plan] = first.plans;
    if (plan) search.set("reason", plan.plan);
    if (first.nextOn) search.set("due", first.nextOn);
  }
  return list.length > 1 ? `/panel/book?${search}` : `/booking/new?${search}`;
}
