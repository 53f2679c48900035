import { PhoneOutlined, SafetyCertificateOutlined } from "@ant-design/icons";
import { Button, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Duty, type Presence, type Schemas, useRead } from "../../api";
import { Loaded } from "../../app/Loaded";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { Tone, type ToneKind } from "../../theme";
import { Notice } from "../parts/Notice";
import { Panel } from "../parts/Panel";
import styles from "./Duty.module.css";

type DutyDepartment = Schemas["DutyDepartment"];

/** Who answers now and by when; which service is possible; what to do when nobody is there. */
export function DutyStrip() {
  const { t } = useTranslation("bedside");
  const duty = useRead("/api/v1/duty", {}, { refetchInterval: 60_000 });
  return (
    <Panel title={t("duty.title")} aside={duty.data?.attending && <Attending of={duty.data.attending} />}>
      <Loaded query={duty} skeleton={<Skeleton active title={false} paragraph={{ rows: 3 }} />}>
        {(data) => (
          <>
            <PossibleService duty={data} />
            <Departments duty={data} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function Attending({ of }: { of: Schemas["Person"] }) {
  const { t } = useTranslation("bedside");
  return (
    <Tone kind="good" icon={<SafetyCertificateOutlined aria-hidden />}>
      {t("duty.attending", { name: of.name })}
    </Tone>
  );
}

/** Why only a smaller service is possible, in the server's words. */
export function PossibleService({ duty }: { duty: Duty }) {
  if (duty.notes.length === 0) return null;
  return (
    <Notice kind="caution">
      {duty.notes.map((note) => (
        <p key={note.code}>{note.message}</p>
      ))}
    </Notice>
  );
}

function Departments({ duty }: { duty: Duty }) {
  const there = duty.departments.filter((d) => d.promiseBy !== undefined);
  const absent = duty.departments.filter((d) => d.promiseBy === undefined);
  if (duty.departments.length === 0) return <NobodyThere phone={duty.consultPhone} />;
  return (
    <>
      {there.length === 0 && <NobodyThere phone={duty.consultPhone} />}
      {there.length > 0 && (
        <ul className={styles.departments}>
          {there.map((department) => (
            <Department key={department.departmentId} of={department} />
          ))}
        </ul>
      )}
      {absent.length > 0 && (
        <Absent departments={absent} phone={duty.consultPhone} alone={there.length === 0} />
      )}
    </>
  );
}

/** Departments without anybody, in one line; their telephones on demand. */
function Absent({
  departments,
  phone,
  alone,
}: {
  departments: DutyDepartment[];
  phone: string;
  alone: boolean;
}) {
  const { t } = useTranslation("bedside");
  const [open, setOpen] = useState(false);
  return (
    <div className={styles.absent}>
      <span className={styles.absentNames}>
        {!alone && <strong>{t("duty.nobodyIn")} </strong>}
        {!open && departments.map((d) => d.name).join(t("duty.comma"))}
      </span>
      <Button type="link" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? t("duty.hidePhones") : t("duty.phones")}
      </Button>
      {open && (
        <ul>
          {departments.map((d) => (
            <li key={d.departmentId}>
              {d.name} <Phone number={d.phone ?? phone} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** 目前无医生在线, and the number that helps now. */
export function NobodyThere({ phone }: { phone: string }) {
  const { t } = useTranslation("bedside");
  return (
    <Notice kind="caution" action={<Phone number={phone} large />}>
      {t("duty.nobody")}
    </Notice>
  );
}

/** A telephone number to dial or to read out. */
export function Phone({ number, large }: { number: string; large?: boolean }) {
  const { t } = useTranslation("bedside");
  if (!number) return null;
  return (
    <a
      className={large ? styles.phoneLarge : styles.phone}
      href={dialled(number)}
      aria-label={t("duty.callPhone", { number })}
    >
      <PhoneOutlined aria-hidden /> {number}
    </a>
  );
}

/** A number as a telephone dials it: an extension (转) after a pause. */
function dialled(number: string): string {
  return `tel:${number.replace(/\s*(?:转|分机|ext\.?)\s*/i, ",").replaceAll(/[^\d+,]/g, "")}`;
}

function Department({ of }: { of: DutyDepartment }) {
  const { t } = useTranslation("bedside");
  const present = of.doctors.filter((d) => d.presence !== "OFF");
  const off = of.doctors.length - present.length;
  return (
    <li className={styles.department}>
      <div className={styles.departmentHead}>
        <strong>{of.name}</strong>
        <span className={styles.quiet}>{of.hospital}</span>
      </div>
      {of.promiseBy && <Promised by={of.promiseBy} />}
      <ul className={styles.doctors}>
        {present.map((d) => (
          <Doctor key={d.person.id} of={d} />
        ))}
        {off > 0 && <li className={styles.quiet}>{t("duty.off", { n: off })}</li>}
      </ul>
      {of.waiting > 0 && <span className={styles.quiet}>{t("duty.waiting", { n: of.waiting })}</span>}
    </li>
  );
}

/** 约 4 分钟内接听 · 14:32 前 */
function Promised({ by }: { by: string }) {
  const { t } = useTranslation("bedside");
  const format = useFormat();
  const now = useServerNow(10_000);
  const minutes = Math.max(1, Math.ceil((Date.parse(by) - now.getTime()) / 60_000));
  const span = minutes < 60 ? t("duty.minutes", { n: minutes }) : format.span(minutes * 60);
  return (
    <span className={styles.promise}>
      {t("duty.promiseIn", { span })}
      <span className={styles.quiet}>{t("duty.promiseBy", { time: format.moment(by, now) })}</span>
    </span>
  );
}

const marks: Record<Presence, { kind: ToneKind; path: string }> = {
  AVAILABLE: { kind: "good", path: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2" },
  IN_CALL: { kind: "claimed", path: "M8 2a6 6 0 1 1 0 12z" },
  BACK_SOON: { kind: "caution", path: "M8 2a6 6 0 0 1 6 6H8z" },
  OFF: { kind: "muted", path: "" },
};

function Doctor({ of }: { of: Schemas["DutyDoctor"] }) {
  const { t } = useTranslation("bedside");
  const format = useFormat();
  const { kind, path } = marks[of.presence];
  const word =
    of.presence === "BACK_SOON" && of.backAt
      ? t("duty.backAt", { time: format.clock(of.backAt) })
      : t(`duty.presence.${of.presence}`);
  return (
    <li className={styles.doctor}>
      <span>{of.person.name}</span>
      <Tone
        kind={kind}
        icon={
          <svg width="1em" height="1em" viewBox="0 0 16 16" aria-hidden>
            <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="2" />
            <path d={path} fill="currentColor" />
          </svg>
        }
      >
        {word}
      </Tone>
    </li>
  );
}
