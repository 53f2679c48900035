import { EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useCatalogue, useCommand } from "../api";
import type { Schemas } from "../api/types";
import { dayAfter, useToday } from "../dates";
import { Refused } from "../dialog";
import { useDay, usePeriod } from "../i18n/useDay";
import { Notice, Tone } from "../theme";
import { MarkDialog } from "./MarkDialog";
import styles from "./Panel.module.css";
import { ContractState, type Plan, PlanLine } from "./parts";
import { ChangePlanDialog, ClosePlanDialog, ContactDialog, NewPlanDialog } from "./PlanDialogs";
import { usePanelRefresh } from "./usePanelRefresh";

type Care = Schemas["FamilyCare"];

function Card({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className={styles.card} aria-labelledby={id}>
      <header className={styles.cardHead}>
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

/** The contract of today, and those before it. */
export function ContractCard({ care }: { care: Care }) {
  const { t } = useTranslation("panel");
  const period = usePeriod();
  return (
    <Card title={t("contract.title")}>
      {!care.contractInForce && <Notice kind="caution">{t("contract.noContract")}</Notice>}
      <ul className={styles.list}>
        {care.contracts.map((c) => (
          <li key={c.id}>
            <span className={styles.line}>
              <ContractState state={c.state} />
              <Link to={`/contracts/${c.id}`}>{c.number}</Link>
              {c.daysLeft !== undefined && c.state === "EXPIRING" && (
                <span>{t("contract.left", { n: c.daysLeft })}</span>
              )}
            </span>
            <span>
              {c.organisation} {c.team}
              {c.leader && ` · ${c.leader}`}
            </span>
            <span className={styles.quiet}>{t("contract.from", period(c.startsOn, c.endsOn))}</span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Groups of priority with where each comes from. */
export function GroupsCard({ care }: { care: Care }) {
  const { t } = useTranslation("panel");
  const { chosen } = useCatalogue();
  const day = useDay();
  const refresh = usePanelRefresh();
  const [adding, setAdding] = useState(false);
  const end = useCommand("post", "/api/v1/residents/{id}/risk-marks", { onSuccess: refresh });
  return (
    <Card
      title={t("group.title")}
      aside={
        care.mayMark && (
          <Button icon={<PlusOutlined aria-hidden />} onClick={() => setAdding(true)}>
            {t("group.add")}
          </Button>
        )
      }
    >
      {care.groups.length === 0 && <p className={styles.quiet}>{t("group.none")}</p>}
      <ul className={styles.list}>
        {care.groups.map((g) => (
          <li key={g.code}>
            <span className={styles.line}>
              <strong>{chosen("risk_group", g.code)}</strong>
              <Tone kind={g.recorded ? "good" : "primary"}>
                {t(g.recorded ? "group.recorded" : "group.marked")}
              </Tone>
              {g.marked && care.mayMark && (
                <Button
                  type="link"
                  size="small"
                  loading={end.isPending}
                  onClick={() =>
                    end.mutate({
                      path: { id: care.residentId },
                      body: { code: g.code as Schemas["RiskMarkInput"]["code"], present: false },
                    })
                  }
                >
                  {t("group.end")}
                </Button>
              )}
            </span>
            {g.marked && (
              <span className={styles.quiet}>
                {[g.setOn && t("group.set", { day: day(g.setOn), name: g.setBy ?? "" }), g.evidence]
                  .filter(Boolean)
                  .join(" · ")}
              </span>
            )}
          </li>
        ))}
      </ul>
      <p className={styles.quiet}>{t("group.recordHint")}</p>
      <Refused error={end.error} />
      {adding && <MarkDialog care={care} onClose={() => setAdding(false)} />}
    </Card>
  );
}

/** Plans, what is longest overdue first; the team changes them. */
export function PlansCard({ care }: { care: Care }) {
  const { t } = useTranslation("panel");
  const { chosen } = useCatalogue();
  const refresh = usePanelRefresh();
  const today = useToday();
  const [adding, setAdding] = useState(false);
  const may = care.team && care.contractInForce;
  const add = useCommand("post", "/api/v1/residents/{id}/care-plans", { onSuccess: refresh });
  const plans = care.plans.toSorted(
    (a, b) => Number(a.state === "CLOSED") - Number(b.state === "CLOSED") || b.late - a.late,
  );
  return (
    <Card
      title={t("plan.title")}
      aside={
        may && (
          <Button icon={<PlusOutlined aria-hidden />} onClick={() => setAdding(true)}>
            {t("plan.add")}
          </Button>
        )
      }
    >
      {plans.length === 0 && <p className={styles.quiet}>{t("plan.none")}</p>}
      <ul className={styles.list}>
        {plans.map((p) => (
          <PlanItem key={p.id} of={p} may={care.team} />
        ))}
      </ul>
      {may && care.suggested.length > 0 && (
        <div className={styles.line}>
          <span className={styles.quiet}>{t("plan.suggested")}</span>
          {care.suggested.map((code) => (
            <Button
              key={code}
              icon={<PlusOutlined aria-hidden />}
              disabled={add.isPending}
              onClick={() =>
                add.mutate({
                  path: { id: care.residentId },
                  body: { plan: code, beginsOn: dayAfter(today, { days: 7 }) },
                })
              }
            >
              {chosen("plan_kind", code)}
            </Button>
          ))}
        </div>
      )}
      <Refused error={add.error} />
      {adding && <NewPlanDialog care={care} onClose={() => setAdding(false)} />}
    </Card>
  );
}

function PlanItem({ of, may }: { of: Plan; may: boolean }) {
  const { t } = useTranslation("panel");
  const { chosen } = useCatalogue();
  const day = useDay();
  const [asking, setAsking] = useState<"note" | "change" | "close">();
  const close = () => setAsking(undefined);
  if (of.state === "CLOSED") {
    return (
      <li>
        <span className={styles.line}>
          <Tone kind="muted">{t("plan.closed")}</Tone>
          {chosen("plan_kind", of.plan)}
        </span>
        <span className={styles.quiet}>
          {t("plan.closedOn", { day: day(of.closedOn ?? of.nextOn), why: of.closedReason ?? "" })}
        </span>
      </li>
    );
  }
  return (
    <li>
      <div className={styles.plan}>
        <PlanLine of={of} />
      </div>
      {of.own && (
        <span className={styles.line}>
          <Tone kind="primary">{t("plan.own")}</Tone>
          {of.reason && <span className={styles.quiet}>{t("plan.ownWhy", { why: of.reason })}</span>}
        </span>
      )}
      {may && (
        <span className={styles.line}>
          <Button
            type={of.due === "OVERDUE" ? "primary" : "default"}
            icon={<EditOutlined aria-hidden />}
            aria-label={t("plan.noteTitle", { plan: chosen("plan_kind", of.plan) })}
            onClick={() => setAsking("note")}
          >
            {t("plan.note")}
          </Button>
          <Button
            aria-label={t("plan.changeTitle", { plan: chosen("plan_kind", of.plan) })}
            onClick={() => setAsking("change")}
          >
            {t("plan.change")}
          </Button>
          <Button
            type="text"
            aria-label={t("plan.closeTitle", { plan: chosen("plan_kind", of.plan) })}
            onClick={() => setAsking("close")}
          >
            {t("plan.close")}
          </Button>
        </span>
      )}
      {asking === "note" && <ContactDialog of={of} onClose={close} />}
      {asking === "change" && <ChangePlanDialog of={of} onClose={close} />}
      {asking === "close" && <ClosePlanDialog of={of} onClose={close} />}
    </li>
  );
}

/** When the resident was seen or called last, wherever it is kept. */
export function ContactsCard({ care }: { care: Care }) {
  const { t } = useTranslation("panel");
  const { chosen } = useCatalogue();
  const day = useDay();
  return (
    <Card title={t("plan.contacts")}>
      {care.contacts.length === 0 && <p className={styles.quiet}>{t("plan.noContacts")}</p>}
      <ul className={styles.list}>
        {care.contacts.map((c) => (
          <li key={`${c.planId} ${c.heldOn} ${c.kind} ${c.note ?? c.consultationId ?? ""}`}>
            <span className={styles.line}>
              <strong>{day(c.heldOn)}</strong>
              {chosen("plan_kind", c.plan)}
              <span className={styles.quiet}>
                {[chosen("contact_kind", c.kind), c.by].filter(Boolean).join(" · ")}
              </span>
            </span>
            {c.note && <span>{c.note}</span>}
            {c.nextOn && <span className={styles.quiet}>{t("panel.next", { day: day(c.nextOn) })}</span>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
