import { DownOutlined, PhoneOutlined, SafetyCertificateOutlined, UpOutlined } from "@ant-design/icons";
import { Button, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Duty, type Presence, type Schemas, useRead } from "../../api";
import { Loaded } from "../../app/Loaded";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { breakpoints, Notice, Tone, type ToneKind, useMediaQuery } from "../../theme";
import { Panel } from "../parts/Panel";
import { dialled } from "../parts/phone";
import { useRangeWords } from "../parts/useRangeWords";
import { onDutyNow } from "./onDuty";
import styles from "./Duty.module.css";

type DutyDepartment = Schemas["DutyDepartment"];

/**
 * Who answers now, within what time and by when; which service is possible; what to do when nobody is there. Closed it is one
 * row, so that the people of the ward stay in view; opened it names every department.
 */
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
  const { t } = useTranslation("bedside");
  const [open, setOpen] = useState(false);
  const row = useInOneRow();
  const { there, absent } = onDutyNow(duty.departments);
  const shown = open ? there : there.slice(0, row);
  const more = there.length - shown.length;
  if (duty.departments.length === 0) return <NobodyThere phone={duty.consultPhone} />;
  return (
    <>
      {there.length === 0 && <NobodyThere phone={duty.consultPhone} />}
      {shown.length > 0 && (
        <ul className={styles.departments}>
          {shown.map((department) => (
            <Department key={department.departmentId} of={department} />
          ))}
        </ul>
      )}
      {open && absent.length > 0 && <Absent departments={absent} phone={duty.consultPhone} />}
      {(open || more > 0 || absent.length > 0) && (
        <Button
          type="link"
          className={styles.toggle}
          aria-expanded={open}
          icon={open ? <UpOutlined aria-hidden /> : <DownOutlined aria-hidden />}
          onClick={() => setOpen(!open)}
        >
          {open
            ? t("duty.fewer")
            : [
                more > 0 && t("duty.more", { n: more }),
                absent.length > 0 && t("duty.nobodyIn", { n: absent.length }),
              ]
                .filter(Boolean)
                .join(t("duty.comma"))}
        </Button>
      )}
    </>
  );
}

/** How many departments stand beside each other: what is shown before the strip is opened. */
function useInOneRow(): number {
  const wide = useMediaQuery(`(min-width: ${breakpoints.wide}px)`);
  const narrow = useMediaQuery(`(max-width: ${breakpoints.narrow}px)`);
  return wide ? 4 : narrow ? 2 : 3;
}

/** Departments without anybody, with their telephones. */
function Absent({ departments, phone }: { departments: DutyDepartment[]; phone: string }) {
  const { t } = useTranslation("bedside");
  return (
    <div className={styles.absent}>
      <strong>{t("duty.nobodyIn", { n: departments.length })}</strong>
      <ul>
        {departments.map((d) => (
          <li key={d.departmentId}>
            {d.name} <Phone number={d.phone ?? phone} />
          </li>
        ))}
      </ul>
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
      <Promised of={of} />
      <ul className={styles.doctors}>
        {present.map((d) => (
          <Doctor key={d.person.id} of={d} />
        ))}
        {off > 0 && <li className={styles.quiet}>{t("duty.off", { n: off })}</li>}
        {of.waiting > 0 && <li className={styles.quiet}>{t("duty.waiting", { n: of.waiting })}</li>}
      </ul>
    </li>
  );
}

/** 约 3–6 分钟接听 · 最迟 14:32 */
function Promised({ of }: { of: DutyDepartment }) {
  const { t } = useTranslation("bedside");
  const format = useFormat();
  const now = useServerNow(10_000);
  const range = useRangeWords();
  if (!of.promiseBy) return null;
  const left = Math.max(60, (Date.parse(of.promiseBy) - now.getTime()) / 1000);
  const words = range(of.estimate ?? { fromSeconds: 0, toSeconds: left });
  return (
    <span className={styles.promise}>
      {t("duty.promiseIn", { span: words })}
      <span className={styles.quiet}>{t("duty.promiseBy", { time: format.moment(of.promiseBy, now) })}</span>
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
