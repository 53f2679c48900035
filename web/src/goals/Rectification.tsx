import {
  CheckOutlined,
  ClockCircleOutlined,
  HourglassOutlined,
  ToolOutlined,
  WarningOutlined,
} from "@ant-design/icons";
import { Button, Input, Progress, Slider, Timeline } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { useServerNow } from "../clock/useServerNow";
import { DayPicker, useToday } from "../dates";
import { Dialog, Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import { Due } from "./Due";
import styles from "./Goals.module.css";

export type Finding = Schemas["Rectification"];

const look = {
  OPEN: { kind: "muted", icon: <ClockCircleOutlined /> },
  WORKING: { kind: "primary", icon: <ToolOutlined /> },
  DONE: { kind: "claimed", icon: <HourglassOutlined /> },
  VERIFIED: { kind: "good", icon: <CheckOutlined /> },
} as const;

/** Where a finding stands, in a word: late ones say so. */
export function StateTone({ of }: { of: Finding }) {
  const { t } = useTranslation("goals");
  if (of.overdue)
    return (
      <Tone kind="danger" icon={<WarningOutlined />}>
        {t("mend.overdue")}
      </Tone>
    );
  return <Tone {...look[of.state]}>{t(`mend.states.${of.state}`)}</Tone>;
}

/** One finding: what was found, how far it is, its course, and what the person who looks may do with it. */
export function FindingDialog({
  id,
  onClose,
  onChanged,
}: {
  id: string;
  onClose: () => void;
  onChanged: () => void;
}) {
  const { t } = useTranslation("goals");
  const query = useRead("/api/v1/goals/rectifications/{id}", { path: { id } });
  const changed = () => {
    void query.refetch();
    onChanged();
  };
  return (
    <Dialog
      width="wide"
      title={
        query.data
          ? `${query.data.number} · ${t(`category.${query.data.category as "STAFF"}`)}`
          : t("mend.one")
      }
      onClose={onClose}
    >
      <Loaded query={query}>
        {(finding) => (
          <>
            <Facts of={finding} />
            {finding.editable && <Work key={finding.revision} of={finding} onChanged={changed} />}
            {finding.verifiable && <Verdict of={finding} onChanged={changed} />}
            <Course steps={finding.steps ?? []} />
          </>
        )}
      </Loaded>
    </Dialog>
  );
}

function Facts({ of }: { of: Finding }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const now = useServerNow(60_000);
  return (
    <>
      <span className={styles.bar}>
        <StateTone of={of} />
        <Due day={of.dueOn} open={of.state === "OPEN" || of.state === "WORKING"} />
      </span>
      <p>{of.finding}</p>
      <dl className={styles.definition}>
        <dt>{t("mend.organisation")}</dt>
        <dd>{of.organisation}</dd>
        <dt>{t("mend.found")}</dt>
        <dd>
          {t(`mend.levels.${of.foundByLevel}`)} · {format.day(of.foundOn, now)} ·{" "}
          {t(`mend.severities.${of.severity}`)}
        </dd>
        <dt>{t("mend.owner")}</dt>
        <dd>{of.owner}</dd>
        {!of.editable && of.measure && (
          <>
            <dt>{t("mend.measure")}</dt>
            <dd>{of.measure}</dd>
          </>
        )}
        {!of.editable && of.evidence && (
          <>
            <dt>{t("mend.evidence")}</dt>
            <dd>{of.evidence}</dd>
          </>
        )}
        {of.verdict && (
          <>
            <dt>{t("mend.verdict")}</dt>
            <dd>
              {of.verdict} {of.verifiedBy && <span className={styles.quiet}>{of.verifiedBy}</span>}
            </dd>
          </>
        )}
      </dl>
      {!of.editable && (
        <Progress aria-label={t("mend.progress", { n: of.progress })} percent={of.progress} size="small" />
      )}
    </>
  );
}

/** The institution says what it does, who, by when and how far it is; at 100 % with evidence it is done. */
function Work({ of, onChanged }: { of: Finding; onChanged: () => void }) {
  const { t } = useTranslation(["goals", "common"]);
  const id = useId();
  const today = useToday();
  const [measure, setMeasure] = useState(of.measure ?? "");
  const [owner, setOwner] = useState(of.owner);
  const [progress, setProgress] = useState(of.progress);
  const [evidence, setEvidence] = useState(of.evidence ?? "");
  const [dueOn, setDueOn] = useState(of.dueOn);
  const update = useCommand("put", "/api/v1/goals/rectifications/{id}", { onSuccess: onChanged });
  const save = (percent: number) =>
    update.mutate({
      path: { id: of.id },
      body: {
        measure: measure.trim(),
        owner: owner.trim(),
        evidence: evidence.trim(),
        progress: percent,
        ...(dueOn === of.dueOn ? {} : { dueOn }),
        revision: of.revision,
      },
    });
  return (
    <div className={styles.form}>
      <label htmlFor={`${id}-measure`}>{t("mend.measure")}</label>
      <Input.TextArea
        id={`${id}-measure`}
        value={measure}
        maxLength={2000}
        autoSize={{ minRows: 2, maxRows: 6 }}
        onChange={(event) => setMeasure(event.target.value)}
      />
      <div className={styles.pair}>
        <span>
          <label htmlFor={`${id}-owner`}>{t("mend.owner")}</label>
          <Input
            id={`${id}-owner`}
            value={owner}
            maxLength={50}
            onChange={(event) => setOwner(event.target.value)}
          />
        </span>
        <span>
          <label htmlFor={`${id}-due`}>{t("mend.due")}</label>
          <DayPicker
            id={`${id}-due`}
            value={dueOn}
            min={today}
            allowClear={false}
            // What an authority found is due when it said.
            disabled={of.foundByLevel !== "SELF"}
            onChange={(day) => day && setDueOn(day)}
          />
        </span>
      </div>
      <label htmlFor={`${id}-evidence`}>{t("mend.evidence")}</label>
      <Input.TextArea
        id={`${id}-evidence`}
        value={evidence}
        maxLength={2000}
        autoSize={{ minRows: 2, maxRows: 6 }}
        placeholder={t("mend.evidenceHint")}
        onChange={(event) => setEvidence(event.target.value)}
      />
      <span id={`${id}-progress`}>{t("mend.progress", { n: progress })}</span>
      <Slider
        ariaLabelledByForHandle={`${id}-progress`}
        value={progress}
        max={90}
        step={10}
        onChange={setProgress}
      />
      <div className={styles.bar}>
        <Button loading={update.isPending} onClick={() => save(Math.min(progress, 90))}>
          {t("common:actions.save")}
        </Button>
        {of.state !== "DONE" && (
          <Button
            type="primary"
            loading={update.isPending}
            disabled={!evidence.trim()}
            onClick={() => save(100)}
          >
            {t("mend.done")}
          </Button>
        )}
        {!evidence.trim() && of.state !== "DONE" && (
          <span className={styles.quiet}>{t("mend.doneHint")}</span>
        )}
      </div>
      <Refused error={update.error} />
    </div>
  );
}

/** Somebody else than who did it looks, and says so. */
function Verdict({ of, onChanged }: { of: Finding; onChanged: () => void }) {
  const { t } = useTranslation("goals");
  const id = useId();
  const [verdict, setVerdict] = useState("");
  const verify = useCommand("post", "/api/v1/goals/rectifications/{id}/verification", {
    onSuccess: onChanged,
  });
  const say = (accepted: boolean) =>
    verify.mutate({ path: { id: of.id }, body: { accepted, verdict: verdict.trim() } });
  return (
    <div className={styles.form}>
      <label htmlFor={id}>{t("mend.verdictLabel")}</label>
      <Input.TextArea
        id={id}
        value={verdict}
        maxLength={1000}
        autoSize={{ minRows: 2, maxRows: 6 }}
        onChange={(event) => setVerdict(event.target.value)}
      />
      <div className={styles.bar}>
        <Button danger disabled={!verdict.trim()} loading={verify.isPending} onClick={() => say(false)}>
          {t("mend.sendBack")}
        </Button>
        <Button
          type="primary"
          disabled={!verdict.trim()}
          loading={verify.isPending}
          onClick={() => say(true)}
        >
          {t("mend.accept")}
        </Button>
      </div>
      <Refused error={verify.error} />
    </div>
  );
}

function Course({ steps }: { steps: Schemas["RectificationStep"][] }) {
  const { t } = useTranslation("goals");
  const format = useFormat();
  const now = useServerNow(60_000);
  if (steps.length === 0) return null;
  return (
    <section aria-label={t("mend.course")}>
      <h3 className={styles.quiet}>{t("mend.course")}</h3>
      <Timeline
        items={steps.map((s) => ({
          key: s.at + s.kind,
          color: s.kind === "VERIFIED" ? "green" : s.kind === "RETURNED" ? "red" : "gray",
          content: (
            <>
              <span>
                {t(`mend.steps.${s.kind}`, { n: s.progress })} ·{" "}
                {t("mend.dueShort", { day: format.day(s.dueOn, now) })}
              </span>
              <span className={styles.quiet}>
                {" "}
                {s.by} {format.moment(s.at, now)}
              </span>
              {s.note && <p>{s.note}</p>}
            </>
          ),
        }))}
      />
    </section>
  );
}
