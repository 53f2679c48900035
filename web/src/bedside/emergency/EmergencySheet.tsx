import { CheckCircleFilled, CheckOutlined, PhoneFilled, VideoCameraOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type Consultation, type Urgency, useCatalogue, useRead } from "../../api";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { Choice, Choices } from "../parts/Choice";
import { progressOf } from "../request/progress";
import { graver } from "../request/urgency";
import { useRequestSection } from "../request/useRequestSection";
import { useSubmit } from "../request/useSubmit";
import styles from "./Emergency.module.css";
import type { LoggedStep, useEmergencyLog } from "./useEmergencyLog";
import { Dialog, Refused } from "../../dialog";
import { Notice } from "../../theme";

/** 120 first, with what to read out; what to do meanwhile, each with its time; the doctor alongside. */
export function EmergencySheet({
  c,
  flags,
  log,
  open,
  onClose,
}: {
  c: Consultation;
  flags: string[];
  log: ReturnType<typeof useEmergencyLog>;
  open: boolean;
  onClose: () => void;
}) {
  const { t } = useTranslation("bedside");
  return (
    <Dialog
      open={open}
      width="widest"
      title={<span className={styles.title}>{t("emergency.title")}</span>}
      onClose={onClose}
      footer={<Footer c={c} flags={flags} log={log} onClose={onClose} />}
    >
      <div className={styles.columns}>
        <Call120 c={c} flags={flags} log={log} />
        <Measures c={c} flags={flags} log={log} />
      </div>
      {log.unsent > 0 && (
        <p role="status" className={styles.quiet}>
          {t("emergency.unsent", { n: log.unsent })}
        </p>
      )}
    </Dialog>
  );
}

interface Part {
  c: Consultation;
  flags: string[];
  log: ReturnType<typeof useEmergencyLog>;
}

function Call120({ c, flags, log }: Part) {
  const { t } = useTranslation("bedside");
  const format = useFormat();
  const catalogue = useCatalogue();
  const duty = useRead("/api/v1/duty").data;
  const called = log.doneAt("CALLED_120");
  const home = c.resident.homeAddress;
  const place = home ?? duty?.organisationAddress ?? c.invitingOrg.address ?? "";
  const what = catalogue.labels("redFlags", flags);
  return (
    <section className={styles.call} aria-label={t("emergency.call120")}>
      <a className={styles.number} href="tel:120" aria-label={t("emergency.dial")}>
        <PhoneFilled aria-hidden /> 120
      </a>
      <p className={styles.quiet}>{t("emergency.readOut")}</p>
      <div className={styles.script}>
        <p>
          {t("emergency.address", { address: place })}
          {!home && (
            <>
              <br />
              <strong>
                {c.invitingOrg.name} {c.resident.ward} {t("resident.bed", { bed: c.resident.bed })}
              </strong>
            </>
          )}
        </p>
        <p>
          {t("emergency.who", { sex: format.sex(c.resident.sex), age: format.age(c.resident.age) })}
          {what.length > 0 && (
            <>
              <br />
              <strong>{what.join("；")}</strong>
            </>
          )}
        </p>
        {c.invitingOrg.phone && <p>{t("emergency.callBack", { phone: c.invitingOrg.phone })}</p>}
      </div>
      {called ? (
        <Done step={called} word={t("emergency.called")} />
      ) : (
        <Button
          danger
          type="primary"
          size="large"
          block
          icon={<CheckOutlined aria-hidden />}
          onClick={() => log.log("CALLED_120")}
        >
          {t("emergency.iCalled")}
        </Button>
      )}
    </section>
  );
}

function Measures({ c, flags, log }: Part) {
  const { t } = useTranslation("bedside");
  const catalogue = useCatalogue();
  const format = useFormat();
  const update = useRequestSection(c.id);
  const [chosen, setChosen] = useState<string[]>([]);
  const shown = [...new Set([...flags, ...chosen])];
  const measures = [...new Set(shown.flatMap((code) => catalogue.redFlag(code)?.measures ?? []))];

  const choose = (code: string) => {
    setChosen([...chosen, code]);
    // What was seen is also the doctor's; the sheet does not wait for it.
    update((known) => ({ redFlags: [...new Set([...known.redFlags, code])] })).catch(() => undefined);
  };

  if (shown.length === 0) {
    return (
      <section className={styles.measures} aria-label={t("emergency.what")}>
        <h3>{t("emergency.what")}</h3>
        <Choices label={t("emergency.what")} columns="one">
          {(catalogue.catalogue?.redFlags ?? []).map(({ code }) => (
            <Choice key={code} tone="danger" chosen={false} onClick={() => choose(code)}>
              {catalogue.label("redFlags", code)}
            </Choice>
          ))}
        </Choices>
      </section>
    );
  }
  return (
    <section className={styles.measures} aria-label={t("emergency.measures")}>
      <h3>{t("emergency.measures")}</h3>
      <ol className={styles.list}>
        {measures.map((measure) => {
          const done = log.doneAt("MEASURE", measure);
          return (
            <li key={measure}>
              <Choice
                chosen={done !== undefined}
                hint={done && t("emergency.doneAt", { time: format.clock(done.at) })}
                onClick={() => {
                  if (!done) log.log("MEASURE", measure);
                }}
              >
                {measure}
              </Choice>
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Done({ step, word }: { step: LoggedStep; word: string }) {
  const { t } = useTranslation("bedside");
  const format = useFormat();
  const now = useServerNow(10_000);
  return (
    <p className={styles.done}>
      <CheckCircleFilled aria-hidden /> {t("emergency.at", { word, time: format.clock(step.at) })}
      <span className={styles.quiet}>{format.ago(step.at, now)}</span>
    </p>
  );
}

function Footer({ c, flags, log, onClose }: Part & { onClose: () => void }) {
  const { t } = useTranslation(["bedside", "common"]);
  const { redFlag } = useCatalogue();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const submit = useSubmit(c, onClose);
  const progress = progressOf(c.state);
  const urgency = flags.reduce<Urgency>((u, code) => graver(u, redFlag(code)?.urgency ?? u), c.urgency);
  const arrived = log.doneAt("AMBULANCE_ARRIVED");
  const handed = log.doneAt("TO_EMERGENCY");

  const doctor = () => {
    // Only CRITICAL goes without consent; the others give it on the last page.
    if (urgency === "CRITICAL" || !c.consentNeeded) submit.submit(urgency);
    else {
      onClose();
      void navigate(`/ward/requests/${c.id}?step=call`, { replace: true });
    }
  };

  return (
    <div className={styles.footer}>
      <Refused error={submit.error} />
      {asking ? (
        <Notice
          kind="danger"
          action={
            <span className={styles.buttons}>
              <Button onClick={() => setAsking(false)}>{t("emergency.notYet")}</Button>
              <Button
                danger
                type="primary"
                onClick={() => {
                  log.log("TO_EMERGENCY");
                  setAsking(false);
                  onClose();
                }}
              >
                {t("emergency.handedOverYes")}
              </Button>
            </span>
          }
        >
          {t("emergency.handOverConfirm")}
        </Notice>
      ) : (
        <div className={styles.buttons}>
          <Button onClick={onClose}>
            {progress === "draft" ? t("emergency.back") : t("common:actions.back")}
          </Button>
          {arrived ? (
            <Done step={arrived} word={t("emergency.arrived")} />
          ) : (
            <Button onClick={() => log.log("AMBULANCE_ARRIVED")}>{t("emergency.arrivedButton")}</Button>
          )}
          {!handed && <Button onClick={() => setAsking(true)}>{t("emergency.handOver")}</Button>}
          {progress === "draft" ? (
            <Button
              type="primary"
              icon={<VideoCameraOutlined aria-hidden />}
              loading={submit.isPending}
              onClick={doctor}
            >
              {t("emergency.doctorToo")}
            </Button>
          ) : (
            <span className={styles.done}>
              <CheckCircleFilled aria-hidden />{" "}
              {progress === "answered" ? t("progress.answered") : t("emergency.doctorCalled")}
            </span>
          )}
        </div>
      )}
    </div>
  );
}
