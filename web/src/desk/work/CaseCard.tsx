import { EyeInvisibleOutlined, SoundOutlined, TranslationOutlined, WarningOutlined } from "@ant-design/icons";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { StateTag } from "../../admin/StateTag";
import { type Consultation, type Schemas, useCatalogue, type Vital } from "../../api";
import { CaseAllergies, CaseFile, useCaseFile } from "../../around/CaseFile";
import { Spark } from "../../around/Spark";
import { ConsentBanner } from "../../bedside/consent/ConsentBanner";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { Tone } from "../../theme";
import { Photos } from "../parts/Photos";
import { Reading } from "../parts/Reading";
import styles from "./Case.module.css";
import { byCode } from "./vitals";

/** ms during which a reading counts as new */
const fresh = 120_000;

/** The case, with allergies first. The nurse may add to it at any time; what is read again stands here by itself. */
export function CaseCard({ c }: { c: Consultation }) {
  const { t } = useTranslation("desk");
  const { label, labels } = useCatalogue();
  const { resident } = c;
  const file = useCaseFile(c);
  return (
    <div className={styles.case}>
      <ConsentBanner c={c} />
      <div className={styles.flags}>
        {resident.hearingImpaired && (
          <Tone kind="claimed" icon={<SoundOutlined aria-hidden />}>
            {t("case.hearing")}
          </Tone>
        )}
        {resident.sightImpaired && (
          <Tone kind="claimed" icon={<EyeInvisibleOutlined aria-hidden />}>
            {t("case.sight")}
          </Tone>
        )}
        {resident.preferredLanguage && resident.preferredLanguage !== "zh-CN" && (
          <Tone kind="claimed" icon={<TranslationOutlined aria-hidden />}>
            {label("languages", resident.preferredLanguage)}
          </Tone>
        )}
        {resident.capacity !== "FULL" && (
          <Tone kind="caution">{t(`case.capacity.${resident.capacity}`)}</Tone>
        )}
        {labels("risks", resident.risks).map((risk) => (
          <Tone key={risk} kind="caution" icon={<WarningOutlined aria-hidden />}>
            {risk}
          </Tone>
        ))}
      </div>
      <Part title={t("case.allergies")}>
        <CaseAllergies c={c} file={file} none={t("case.noAllergies")} />
      </Part>
      <Part title={t("case.complaint")}>
        <strong>{labels("reasons", c.reasons).join(t("listSeparator"))}</strong>{" "}
        <Link to={`/consultations/${c.id}/application`}>{t("case.application")}</Link>
        {c.redFlags.map((flag) => (
          <Tone key={flag} kind="danger" icon={<WarningOutlined aria-hidden />}>
            {label("redFlags", flag)}
          </Tone>
        ))}
        <p className={c.complaint ? styles.text : styles.quiet}>{c.complaint || t("queue.noComplaint")}</p>
      </Part>
      <Part title={t("case.vitals")}>
        <Vitals c={c} trends={file?.trends ?? []} />
      </Part>
      <Part title={t("case.photos")}>
        {c.photos.length > 0 ? (
          <Photos of={c.photos} />
        ) : (
          <span className={styles.quiet}>{t("case.noPhotos")}</span>
        )}
      </Part>
      <CaseFile file={file} part={Part} />
      <Part title={t("case.conditions")}>
        <Conditions c={c} />
      </Part>
      <Part title={t("case.consent")}>
        <ConsentLine c={c} />
      </Part>
      <Part title={t("case.people")}>
        <People c={c} />
      </Part>
      <Part title={t("case.recent")}>
        <Recent c={c} />
      </Part>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.part} aria-label={title}>
      <h3>{title}</h3>
      <div className={styles.partBody}>{children}</div>
    </section>
  );
}

/** The newest reading of each kind, abnormal ones first, with those before it. */
function Vitals({ c, trends }: { c: Consultation; trends: Schemas["Trend"][] }) {
  const { t } = useTranslation("desk");
  const { labels, catalogue } = useCatalogue();
  const groups = byCode(
    c.vitals,
    catalogue?.vitals.map((term) => term.code),
  );
  return (
    <>
      {groups.length === 0 && <span className={styles.quiet}>{t("queue.noVitals")}</span>}
      <ul className={styles.vitals}>
        {groups.map(
          ([newest, ...earlier]) =>
            newest && (
              <VitalRow
                key={newest.code}
                of={newest}
                earlier={earlier}
                trend={trends.find((trend) => trend.code === newest.code)}
              />
            ),
        )}
      </ul>
      {c.missingVitals.length > 0 && (
        <span className={styles.quiet}>
          {t("case.missing", { what: labels("vitals", c.missingVitals).join(t("listSeparator")) })}
        </span>
      )}
    </>
  );
}

function VitalRow({
  of,
  earlier,
  trend,
}: {
  of: Vital;
  earlier: Vital[];
  trend: Schemas["Trend"] | undefined;
}) {
  const { t } = useTranslation("desk");
  const format = useFormat();
  const now = useServerNow(30_000);
  const { label } = useCatalogue();
  const position = of.position as keyof typeof positions | undefined;
  const positions = { SITTING: true, LYING: true, STANDING: true };
  return (
    <li className={styles.vital}>
      <span className={styles.vitalName}>{label("vitals", of.code)}</span>
      <span className={styles.vitalNow}>
        <Reading of={of} bare />
        {now.getTime() - Date.parse(of.takenAt) < fresh && <Tone kind="primary">{t("case.fresh")}</Tone>}
        <span className={styles.quiet}>
          {[
            format.moment(of.takenAt, now),
            position && position in positions && t(`case.position.${position}`),
            of.device,
          ]
            .filter(Boolean)
            .join(" ")}
        </span>
        {trend && <Spark of={trend} />}
      </span>
      {earlier.length > 0 && (
        <span className={styles.earlier}>
          {t("case.earlier")}
          {earlier.slice(0, 3).map((v) => (
            <span key={v.id}>
              <Reading of={v} bare /> {format.moment(v.takenAt, now)}
            </span>
          ))}
        </span>
      )}
    </li>
  );
}

function Conditions({ c }: { c: Consultation }) {
  const { t, i18n } = useTranslation("desk");
  const { conditions } = c.resident;
  if (conditions.length === 0) return <span className={styles.quiet}>{t("case.noConditions")}</span>;
  return (
    <ul className={styles.chips}>
      {conditions.map((term) => (
        <li key={term.code}>{i18n.language === "en" ? term.en : term.zh}</li>
      ))}
    </ul>
  );
}

function ConsentLine({ c }: { c: Consultation }) {
  const { t } = useTranslation("desk");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { consent } = c;
  const { label } = useCatalogue();
  if (!consent?.valid) return <Tone kind="caution">{t("case.consentNone")}</Tone>;
  return (
    <span>
      {t("case.consentValid", {
        signer: t(`case.signer.${consent.signerKind as "SELF"}`),
        until: format.day(consent.validUntil, now),
      })}{" "}
      <span className={styles.quiet}>
        {[consent.signerName, label("relations", consent.relation), label("consentMethods", consent.method)]
          .filter(Boolean)
          .join(" ")}
      </span>
    </span>
  );
}

function People({ c }: { c: Consultation }) {
  const { t } = useTranslation("desk");
  const { label } = useCatalogue();
  return (
    <dl className={styles.people}>
      {c.nurse?.role === "NURSE" && [<dt key="nt">{t("case.nurse")}</dt>, <dd key="nd">{c.nurse.name}</dd>]}
      {c.submitter && [
        <dt key="st">{t("case.submitter")}</dt>,
        <dd key="sd">{[c.submitter.name, c.submitter.title].filter(Boolean).join(" ")}</dd>,
      ]}
      {(c.resident.guardians?.length ?? 0) > 0 && [
        <dt key="gt">{t("case.guardians")}</dt>,
        <dd key="gd">
          {c.resident.guardians
            ?.map((g) =>
              [g.name, label("relations", g.relation), g.phone, g.isGuardian && `(${t("case.isGuardian")})`]
                .filter(Boolean)
                .join(" "),
            )
            .join("; ")}
        </dd>,
      ]}
    </dl>
  );
}

function Recent({ c }: { c: Consultation }) {
  const { t } = useTranslation("desk");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { labels, label } = useCatalogue();
  const rows = (c.resident.recentConsultations ?? []).filter((row) => row.id !== c.id);
  if (rows.length === 0) return <span className={styles.quiet}>{t("case.noRecent")}</span>;
  return (
    <ul className={styles.recent}>
      {rows.slice(0, 5).map((row) => (
        <li key={row.id}>
          <Link to={`/consultations/${row.id}`}>{format.day(row.createdAt, now)}</Link>
          <span>{labels("reasons", row.reasons).join(t("listSeparator"))}</span>
          <span className={styles.quiet}>
            {[row.diagnosis, label("outcomes", row.outcome), row.doctor].filter(Boolean).join(" · ")}
          </span>
          <StateTag state={row.state} />
        </li>
      ))}
    </ul>
  );
}
