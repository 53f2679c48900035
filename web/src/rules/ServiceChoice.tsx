import { CheckCircleOutlined, ClockCircleOutlined, StopOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, type Urgency, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Tone } from "../theme";
import { type Mends, Reasons } from "./Reasons";
import styles from "./Rules.module.css";

type Option = Schemas["ServiceOption"];

/** Services that are asked for by calling; the others are booked or held elsewhere and only explained. */
const byCall = new Set([
  "REMOTE_CONSULT",
  "REMOTE_MDT",
  "REMOTE_ROUND",
  "ONLINE_REVISIT",
  "CHRONIC_MGMT",
  "REHAB_CARE_GUIDE",
  "MED_GUIDE",
  "PALLIATIVE_REMOTE",
]);
const untold = new Set(["TRAINING", "LECTURE", "PSY_SUPPORT", "REMOTE_DIAG", "NET_NURSING"]);

/** Before the call: which service this will be, what would keep it from being possible or from counting, and what mends that. One
 * line when all is well; the other services are a tap away. */
export function ServiceChoice(props: {
  c: Consultation;
  urgency: Urgency;
  department: string | undefined;
  chosen: string | undefined;
  onChoose: (service: string | undefined) => void;
  mends: Mends;
}) {
  const { t } = useTranslation("rules");
  const [open, setOpen] = useState(false);
  const { data } = useRead(
    "/api/v1/consultations/{id}/services",
    {
      path: { id: props.c.id },
      query: { urgency: props.urgency, ...(props.department ? { departmentId: props.department } : {}) },
    },
    { keepPrevious: true },
  );
  if (!data) return null;
  const named = props.urgency === "CRITICAL" ? undefined : props.chosen;
  const code = named ?? data.chosen;
  const option = data.services.find((s) => s.service === code);
  const remote = data.services.find((s) => s.service === "REMOTE_CONSULT");
  const shown = option ?? remote;
  // Of a smaller service people also hear why the better one is not possible.
  const why = shown && remote && shown !== remote && !named ? stops(remote) : [];
  // The consent has its own row on this page, with the same button.
  const own = (shown?.reasons ?? []).filter((r) => r.mend !== "SIGN_CONSENT" || r.due === "SUBMIT");
  const mends: Mends = { CHOOSE_OTHER_SERVICE: () => setOpen(true), ...props.mends };
  return (
    <section className={styles.choice} aria-label={t("service.title")}>
      <div className={styles.line}>
        <strong>{option ? t("service.is", { service: option.label }) : t("service.none")}</strong>
        {option && <Possible of={option} />}
        {option?.counts && (
          <span className={styles.quiet}>
            <CheckCircleOutlined aria-hidden /> {t("service.counts")}
          </span>
        )}
        <Button type="link" size="large" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t("service.hide") : t("service.others")}
        </Button>
      </div>
      {(own.length > 0 || why.length > 0) && <Reasons reasons={[...why, ...own]} mends={mends} />}
      {open && (
        <ul className={styles.list}>
          {data.services
            .filter((s) => s !== option && !untold.has(s.service))
            .map((s) => (
              <li key={s.service}>
                <span className={styles.grow}>
                  <b>{s.label}</b> <Possible of={s} />{" "}
                  {s.reasons[0] && s.possible !== "YES" && (
                    <span className={styles.quiet}>{s.reasons[0].message}</span>
                  )}
                </span>
                {byCall.has(s.service) && s.possible !== "NO" && props.urgency !== "CRITICAL" && (
                  <Button size="large" onClick={() => props.onChoose(s.service)}>
                    {t("service.choose")}
                  </Button>
                )}
              </li>
            ))}
          {named && (
            <li>
              <Button size="large" onClick={() => props.onChoose(undefined)}>
                {t("service.back")}
              </Button>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

function stops(of: Option): Schemas["GateReason"][] {
  return of.reasons.filter((r) => r.effect === "BLOCKS" && r.due === "SUBMIT").slice(0, 1);
}

const marks = {
  YES: { kind: "good", icon: <CheckCircleOutlined /> },
  IF: { kind: "caution", icon: <ClockCircleOutlined /> },
  NO: { kind: "danger", icon: <StopOutlined /> },
} as const;

/** 可以 · 补齐后可以 · 现在不能 */
function Possible({ of }: { of: Option }) {
  const { t } = useTranslation("rules");
  const { kind, icon } = marks[of.possible];
  return (
    <Tone kind={of.override ? "caution" : kind} icon={icon}>
      {of.override ? t("service.override") : t(`service.possible.${of.possible}`)}
    </Tone>
  );
}
