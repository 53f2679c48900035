import { PhoneFilled } from "@ant-design/icons";
import { Button, Input, InputNumber } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type ResidentCard, type Schemas, type Urgency, useCatalogue } from "../../api";
import { useMeta } from "../../app/useMeta";
import { useServices } from "../../app/services";
import { Refused } from "../../dialog";
import { Notice, UrgencyMark, urgencyTone } from "../../theme";
import { Choice, Choices } from "../parts/Choice";
import { ActionBar, Panel } from "../parts/Panel";
import { dialled } from "../parts/phone";
import { ResidentHead } from "../parts/ResidentHead";
import { tiles, wanted } from "../vitals/entry";
import { ReasonChips } from "./ReasonChips";
import styles from "./Request.module.css";
import urgencyStyles from "./Urgency.module.css";
import { graver, moreUrgent, urgencies } from "./urgency";

/**
 * A request that is composed while nobody answers: on one page, kept on the tablet, and sent with its own time as soon as the server
 * can be reached. Nothing waits for a tablet when life is in danger: then the telephone comes first.
 */
export function AwayRequest({ of, requestId }: { of: ResidentCard; requestId: string }) {
  const { t } = useTranslation(["bedside", "common"]);
  const catalogue = useCatalogue();
  const { offline, clock } = useServices();
  const navigate = useNavigate();
  const id = useId();
  const [reasons, setReasons] = useState<string[]>([]);
  const [flags, setFlags] = useState<string[]>([]);
  const [complaint, setComplaint] = useState("");
  const [readings, setReadings] = useState<Record<string, Schemas["VitalInput"]>>({});
  const [picked, setPicked] = useState<Urgency>();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<unknown>();

  const known = [...new Set(reasons.flatMap((code) => catalogue.reason(code)?.redFlags ?? []))];
  const signs = flags.filter((flag) => known.includes(flag));
  let proposed: Urgency = "ROUTINE";
  for (const code of reasons) proposed = graver(proposed, catalogue.reason(code)?.urgency ?? "ROUTINE");
  for (const code of signs) proposed = graver(proposed, catalogue.redFlag(code)?.urgency ?? "ROUTINE");
  // Without network nobody can say why it should be less urgent than it looks.
  const urgency = picked && moreUrgent(picked, proposed) ? picked : proposed;
  const critical = urgency === "CRITICAL";
  const toggle = (list: string[], code: string) =>
    list.includes(code) ? list.filter((one) => one !== code) : [...list, code];
  const measure = (code: string, value: number | null) => {
    const { [code]: _, ...rest } = readings;
    const takenAt = new Date(clock.now()).toISOString();
    setReadings(value === null ? rest : { ...rest, [code]: { code, value, confirmed: true, takenAt } });
  };

  const send = async () => {
    setBusy(true);
    setFailed(undefined);
    const at = new Date(clock.now()).toISOString();
    const about = { about: { kind: "request" as const, id: requestId }, who: of.name, at };
    try {
      await offline.act({
        ...about,
        kind: "REQUEST",
        body: {
          id: requestId,
          residentId: of.id,
          reasons,
          redFlags: signs,
          ...(complaint.trim() ? { complaint: complaint.trim() } : {}),
        },
      });
      const taken = Object.values(readings);
      if (taken.length > 0) await offline.act({ ...about, kind: "VITALS", body: { readings: taken } });
      await offline.act({ ...about, kind: "SUBMIT", body: { urgency, askedAt: at } });
      void navigate("/ward", { replace: true });
    } catch (error) {
      setFailed(error);
      setBusy(false);
    }
  };

  return (
    <>
      <div className={styles.top}>
        <ResidentHead of={of} most={4} />
        <Button onClick={() => void navigate("/ward")}>{t("resident.toWard")}</Button>
      </div>
      <Telephones critical={critical} />
      <p className={styles.question}>{t("away.question")}</p>
      <ReasonChips
        reasons={catalogue.catalogue?.reasons}
        chosen={reasons}
        onToggle={(code) => setReasons(toggle(reasons, code))}
      />
      {reasons.length > 0 && (
        <div className={styles.callColumns}>
          <div className={styles.stack}>
            <Panel title={t("redFlags.title")}>
              <Choices label={t("redFlags.title")} columns="one">
                {known.map((code) => (
                  <Choice
                    key={code}
                    tone="danger"
                    chosen={signs.includes(code)}
                    onClick={() => setFlags(toggle(flags, code))}
                  >
                    {catalogue.label("redFlags", code)}
                  </Choice>
                ))}
              </Choices>
            </Panel>
          </div>
          <div className={styles.stack}>
            <Panel title={t("vitals.title")}>
              <div className={styles.awayVitals}>
                {tiles
                  .flat()
                  .filter((code) => wanted.has(code))
                  .map((code) => {
                    const term = catalogue.vital(code);
                    return (
                      term && (
                        <label key={code} className={styles.field}>
                          <span className={styles.fieldLabel}>
                            {catalogue.label("vitals", code)} {term.unitLabel}
                          </span>
                          <InputNumber
                            size="large"
                            value={readings[code]?.value ?? null}
                            min={term.possibleLow}
                            max={term.possibleHigh}
                            step={term.decimals > 0 ? 0.1 : 1}
                            onChange={(value) => measure(code, value)}
                          />
                        </label>
                      )
                    );
                  })}
              </div>
            </Panel>
            <Panel title={t("urgency.title")}>
              <div role="radiogroup" aria-label={t("urgency.title")} className={urgencyStyles.urgencies}>
                {urgencies.map((one) => (
                  <label key={one} className={urgencyStyles.urgency} data-tone={urgencyTone(one)}>
                    <input
                      type="radio"
                      name={`${id}-urgency`}
                      className="visually-hidden"
                      checked={urgency === one}
                      disabled={moreUrgent(proposed, one)}
                      onChange={() => setPicked(one)}
                    />
                    <span className={urgencyStyles.mark}>
                      <UrgencyMark urgency={one} />
                    </span>
                    <span className={urgencyStyles.words}>{catalogue.label("urgencies", one)}</span>
                  </label>
                ))}
              </div>
            </Panel>
            <Panel title={t("complaint.label")}>
              <Input.TextArea
                aria-label={t("complaint.label")}
                value={complaint}
                maxLength={2000}
                autoSize={{ minRows: 2, maxRows: 6 }}
                onChange={(event) => setComplaint(event.target.value)}
              />
            </Panel>
          </div>
        </div>
      )}
      {!of.consentValid && !critical && <Notice kind="caution">{t("away.consent")}</Notice>}
      <ActionBar>
        <span className={styles.barWords}>
          <Refused error={failed} />
          <span>{t("away.hint")}</span>
        </span>
        <Button
          size="large"
          type="primary"
          className={styles.callButton ?? ""}
          icon={<PhoneFilled aria-hidden />}
          disabled={reasons.length === 0}
          loading={busy}
          onClick={() => void send()}
        >
          {t("away.send")}
        </Button>
      </ActionBar>
    </>
  );
}

/** Whom to telephone while nothing can be sent: 120 when life is in danger, and the hospital's own number. */
export function Telephones({ critical }: { critical: boolean }) {
  const { t } = useTranslation("bedside");
  const phone = useMeta().data?.consultPhone;
  const duty = phone ? dialled(phone) : undefined;
  return (
    <Notice
      kind={critical ? "danger" : "paused"}
      more={critical ? t("away.criticalMore") : t("away.titleMore")}
      action={
        <span className={styles.phones}>
          {critical && (
            <a href="tel:120">
              <Button danger type="primary" size="large" icon={<PhoneFilled aria-hidden />}>
                {t("away.call120")}
              </Button>
            </a>
          )}
          {duty && (
            <a href={duty}>
              <Button size="large" icon={<PhoneFilled aria-hidden />}>
                {t("away.callDuty", { phone })}
              </Button>
            </a>
          )}
        </span>
      }
    >
      {critical ? t("away.critical") : t("away.title")}
    </Notice>
  );
}
