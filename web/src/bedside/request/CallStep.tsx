import { FormOutlined, PhoneFilled } from "@ant-design/icons";
import { Button } from "antd";
import { useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { ApiError, type Consultation, hasCode, type Urgency, useCatalogue, useRead } from "../../api";
import { useFormat } from "../../i18n/useFormat";
import { ApplicationRow } from "../../life/ApplicationRow";
import { AttendingHere, CheckInSheet } from "../../life/CheckIn";
import { AddEvidence } from "../../life/Evidence";
import { ServiceChoice } from "../../rules/ServiceChoice";
import { useMends } from "../../rules/useMends";
import { useActs } from "../../offline/useOffline";
import { UrgencyTag } from "../../theme";
import { ConsentRow } from "../consent/ConsentRow";
import { ConsentSheet } from "../consent/ConsentSheet";
import { ActionBar, Panel } from "../parts/Panel";
import { newestByCode, tiles, wanted } from "../vitals/entry";
import { VitalsGrid } from "../vitals/VitalsGrid";
import { ComplaintField } from "./ComplaintField";
import { DepartmentChoice } from "./DepartmentChoice";
import styles from "./Request.module.css";
import { can } from "./progress";
import { graver, needsReason } from "./urgency";
import { UrgencyPicker } from "./UrgencyPicker";
import { useSubmit } from "./useSubmit";
import { Refused } from "../../dialog";

type Mode = "ONLINE" | "WRITTEN";

/** The last tap. Urgency and consent stand there; lowering asks why; everything else may follow after the call. */
export function CallStep({ c }: { c: Consultation }) {
  const { t } = useTranslation("bedside");
  const { labels } = useCatalogue();
  const duty = useRead("/api/v1/duty").data;
  const submit = useSubmit(c);
  const unsent = useActs("request", c.id).some((act) => act.kind === "SUBMIT");
  const common = useMends(c, "bedside");
  const [picked, setPicked] = useState<Urgency>();
  const [why, setWhy] = useState("");
  const [askWhy, setAskWhy] = useState(false);
  const [service, setService] = useState<string>();
  const [department, setDepartment] = useState<string>();
  const [departments, setDepartments] = useState(false);
  const [attending, setAttending] = useState(false);
  const [proving, setProving] = useState(false);
  const [consenting, setConsenting] = useState(false);
  const [callAfterConsent, setCallAfterConsent] = useState<Mode>();

  const complaintId = useId();
  const departmentsRef = useRef<HTMLDivElement>(null);
  const otherDepartment = () => {
    setDepartments(true);
    departmentsRef.current?.scrollIntoView({ block: "center" });
  };

  const proposed = c.urgencyProposed;
  const urgency = picked ?? graver(c.urgency, proposed);
  const lowered = needsReason(proposed, urgency);
  const consentMissing = c.consentNeeded && urgency !== "CRITICAL";
  const format = useFormat();
  const written = useRead(
    "/api/v1/consultations/{id}/services",
    { path: { id: c.id }, query: { urgency, ...(department ? { departmentId: department } : {}) } },
    { keepPrevious: true },
  ).data?.written;
  const own = newestByCode(c.vitals);
  const missing = tiles.filter(([code = ""]) => wanted.has(code) && !own.has(code)).length;

  const send = (mode: Mode) =>
    submit.submit(
      urgency,
      lowered ? why.trim() : undefined,
      department,
      urgency === "CRITICAL" ? undefined : service,
      mode,
    );
  const call = (mode: Mode) => {
    if (lowered && why.trim() === "") {
      setAskWhy(true);
      return;
    }
    if (consentMissing) {
      setCallAfterConsent(mode);
      setConsenting(true);
      return;
    }
    send(mode);
  };
  const openRequest =
    hasCode(submit.error, "request_open") && submit.error instanceof ApiError
      ? submit.error.problem.args?.["id"]
      : undefined;

  return (
    <>
      <ServiceChoice
        c={c}
        urgency={urgency}
        department={department}
        chosen={service}
        onChoose={setService}
        mends={{
          ...common,
          SIGN_CONSENT: () => setConsenting(true),
          ADD_COMPLAINT: () => document.getElementById(complaintId)?.focus(),
          ...(can(c, "checkIn") ? { ATTENDING_CHECK_IN: () => setAttending(true) } : {}),
          ...(can(c, "addEvidence") ? { ADD_REVISIT_EVIDENCE: () => setProving(true) } : {}),
          ...(duty && duty.departments.length > 1
            ? { CHOOSE_OTHER_HOSPITAL: otherDepartment, CHOOSE_OTHER_DOCTOR: otherDepartment }
            : {}),
        }}
      />
      <div className={styles.callColumns}>
        <div className={styles.stack}>
          <Panel title={t("call.summary")}>
            <p className={styles.summary}>
              <strong>{labels("reasons", c.reasons).join("、")}</strong>
              <Link className={styles.edit} to={`/ward/requests/${c.id}?step=reason`} replace>
                {t("call.changeReasons")}
              </Link>
            </p>
            {c.redFlags.length > 0 && (
              <p className={styles.danger}>{labels("redFlags", c.redFlags).join("；")}</p>
            )}
            <ConsentRow c={c} onOpen={() => setConsenting(true)} />
            <AttendingHere c={c} />
          </Panel>
          <Panel title={t("urgency.title")}>
            <UrgencyPicker
              c={c}
              chosen={urgency}
              onChoose={(next) => {
                setPicked(next);
                setAskWhy(false);
              }}
              why={why}
              onWhy={(next) => {
                setWhy(next);
                setAskWhy(false);
              }}
              whyMissing={askWhy}
            />
          </Panel>
        </div>
        <div className={styles.stack}>
          <Panel title={t("call.more")}>
            <ComplaintField c={c} inputId={complaintId} />
            <ApplicationRow id={c.id} />
            <div ref={departmentsRef}>
              <DepartmentChoice
                duty={duty}
                reasons={c.reasons}
                chosen={department}
                onChoose={setDepartment}
                open={departments}
                onOpen={() => setDepartments(true)}
              />
            </div>
          </Panel>
          <Panel title={missing > 0 ? t("call.vitalsMissing", { n: missing }) : t("vitals.title")}>
            <VitalsGrid c={c} />
          </Panel>
        </div>
      </div>
      <CheckInSheet c={c} open={attending} onClose={() => setAttending(false)} />
      {proving && <AddEvidence c={c} onClose={() => setProving(false)} />}
      <ConsentSheet
        c={c}
        urgency={urgency}
        open={consenting}
        onClose={() => {
          setConsenting(false);
          setCallAfterConsent(undefined);
        }}
        onGiven={() => {
          setConsenting(false);
          if (callAfterConsent) send(callAfterConsent);
        }}
      />
      <ActionBar>
        <div className={styles.barWords}>
          <UrgencyTag urgency={urgency} />
          <Refused error={submit.error}>
            {openRequest && <Link to={`/ward/requests/${openRequest}`}>{t("call.openOther")}</Link>}
          </Refused>
        </div>
        {written && (
          <Button
            size="large"
            className={styles.writeButton}
            icon={<FormOutlined aria-hidden />}
            disabled={!written.possible}
            loading={submit.isPending}
            onClick={() => call("WRITTEN")}
          >
            <span className={styles.twoLines}>
              <span>{t("call.write")}</span>
              <small>
                {written.possible
                  ? t("call.writtenBy", { span: format.span(written.answerSeconds) })
                  : (written.message ?? t("call.writeNot"))}
              </small>
            </span>
          </Button>
        )}
        <Button
          size="large"
          type="primary"
          className={styles.callButton}
          icon={<PhoneFilled aria-hidden />}
          loading={submit.isPending}
          disabled={unsent}
          onClick={() => call("ONLINE")}
        >
          {t(unsent ? "away.kept" : "call.button")}
        </Button>
      </ActionBar>
    </>
  );
}
