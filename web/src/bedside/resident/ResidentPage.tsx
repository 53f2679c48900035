import { EditOutlined, MedicineBoxOutlined, VideoCameraOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { type LogRow, type Resident, useCatalogue, useRead } from "../../api";
import { Loaded } from "../../app/Loaded";
import { Page } from "../../app/Page";
import { hasRole, useMe } from "../../auth/useSession";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { Notice, Tone } from "../../theme";
import { FamilyDoctor } from "../../panel/FamilyDoctor";
import { ActionBar, Panel } from "../parts/Panel";
import { dialled } from "../parts/phone";
import { ResidentHead } from "../parts/ResidentHead";
import { WithdrawSheet } from "../consent/WithdrawSheet";
import { FamilyLinks } from "../../reminders/FamilyLinks";
import { ResidentVisits } from "../../visits/ResidentVisits";
import { newestByCode, tiles } from "../vitals/entry";
import styles from "./Resident.module.css";

/** Everything that the ward knows of a resident. */
function ResidentPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation("bedside");
  const navigate = useNavigate();
  const me = useMe();
  const resident = useRead("/api/v1/residents/{id}", { path: { id } });
  return (
    <Page
      title={t("resident.title")}
      actions={
        hasRole(me, "NURSE") && (
          <Button
            icon={<EditOutlined aria-hidden />}
            onClick={() => void navigate(`/ward/residents/${id}/edit`)}
          >
            {t("resident.edit")}
          </Button>
        )
      }
    >
      <Loaded query={resident}>{(data) => <Shown of={data} />}</Loaded>
    </Page>
  );
}
export { ResidentPage as Component };

function Shown({ of }: { of: Resident }) {
  const { t } = useTranslation(["bedside", "around"]);
  const navigate = useNavigate();
  const open = of.card.openConsultationId;
  return (
    <>
      <ResidentHead of={of.card} />
      <KnownAllergies residentId={of.card.id} />
      {of.allergies && (
        <Notice kind="danger">
          {t("resident.allergies")} {of.allergies}
        </Notice>
      )}
      <div className={styles.columns}>
        <div className={styles.stack}>
          <Facts of={of} />
          <Guardians of={of} />
          <FamilyDoctor residentId={of.card.id} />
          <FamilyLinks residentId={of.card.id} />
          <Consents of={of} />
        </div>
        <div className={styles.stack}>
          <LatestVitals of={of} />
          <Recent rows={of.recentConsultations} />
          <ResidentVisits residentId={of.card.id} />
        </div>
      </div>
      <ActionBar>
        <Button size="large" onClick={() => void navigate("/ward")}>
          {t("resident.toWard")}
        </Button>
        <Button
          size="large"
          icon={<MedicineBoxOutlined aria-hidden />}
          onClick={() => void navigate(`/ward/residents/${of.card.id}/care`)}
        >
          {t("around:file.open")}
        </Button>
        <Button
          size="large"
          type="primary"
          className={styles.call}
          icon={<VideoCameraOutlined aria-hidden />}
          onClick={() =>
            void navigate(open ? `/ward/requests/${open}` : `/ward/residents/${of.card.id}/request`)
          }
        >
          {open ? t("resident.goOn") : t("resident.callDoctor")}
        </Button>
      </ActionBar>
    </>
  );
}

/** The structured allergies, and how many medicines call for a look. */
function KnownAllergies({ residentId }: { residentId: string }) {
  const { t } = useTranslation(["bedside", "around"]);
  const file = useRead("/api/v1/residents/{id}/care-file", { path: { id: residentId } }).data;
  if (!file) return null;
  const grave = file.medications.filter((m) => m.warnings.some((w) => w.severe));
  return (
    <>
      {file.allergies.length > 0 && (
        <Notice kind="danger">
          {t("resident.allergies")} {file.allergies.map((a) => a.substance).join(t("around:listSeparator"))}
        </Notice>
      )}
      {grave.length > 0 && (
        <Notice kind="danger">
          {t("around:file.look", { names: grave.map((m) => m.name).join(t("around:listSeparator")) })}
        </Notice>
      )}
    </>
  );
}

function Facts({ of }: { of: Resident }) {
  const { t } = useTranslation(["bedside", "common"]);
  const format = useFormat();
  const now = useServerNow(60_000);
  const { label } = useCatalogue();
  const { card } = of;
  const unknown = t("common:states.unknown");
  return (
    <Panel title={t("resident.facts")}>
      <dl className={styles.facts}>
        <Fact name={t("form.birthDate")}>{of.birthDate}</Fact>
        <Fact name={t("form.identityNumber")}>{of.identityMasked ?? unknown}</Fact>
        <Fact name={t("form.phone")}>{of.phone ?? t("common:states.none")}</Fact>
        <Fact name={t("form.ward")}>{card.ward || t("common:states.none")}</Fact>
        <Fact name={t("form.abilityLevel")}>
          {card.abilityLevel === undefined ? unknown : label("abilityLevels", String(card.abilityLevel))}
        </Fact>
        <Fact name={t("form.capacity")}>{t(`capacity.${of.capacity}`)}</Fact>
        <Fact name={t("form.preferredLanguage")}>{label("languages", card.preferredLanguage)}</Fact>
        <Fact name={t("form.ethnicCode")}>
          {of.ethnicCode ? t(`ethnic.${ethnic(of.ethnicCode)}`) : unknown}
        </Fact>
        <Fact name={t("form.allergies")}>{of.allergies || t("resident.noAllergies")}</Fact>
        <Fact name={t("form.admittedOn")}>{format.day(of.admittedOn, now)}</Fact>
      </dl>
    </Panel>
  );
}

export const ethnicCodes = ["01", "02", "03", "10", "11", "31", "44", "45", "52"] as const;

function ethnic(code: string): (typeof ethnicCodes)[number] | "other" {
  return ethnicCodes.find((known) => known === code) ?? "other";
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Guardians({ of }: { of: Resident }) {
  const { t } = useTranslation("bedside");
  const { label } = useCatalogue();
  return (
    <Panel title={t("resident.guardians")}>
      {of.guardians.length === 0 && <p className={styles.quiet}>{t("resident.noGuardians")}</p>}
      <ul className={styles.list}>
        {of.guardians.map((g) => (
          <li key={g.name + g.relation}>
            <strong>{g.name}</strong> {label("relations", g.relation)}{" "}
            {g.isGuardian !== false && <Tone kind="primary">{t("resident.guardian")}</Tone>}{" "}
            {g.phone && (
              <a className={styles.tel} href={dialled(g.phone)}>
                {g.phone}
              </a>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Consents({ of }: { of: Resident }) {
  const { t } = useTranslation(["bedside", "around"]);
  const { label } = useCatalogue();
  const [withdrawing, setWithdrawing] = useState<Resident["consents"][number]>();
  const format = useFormat();
  const now = useServerNow(60_000);
  return (
    <Panel title={t("resident.consents")}>
      {of.consents.length === 0 && <p className={styles.quiet}>{t("resident.noConsents")}</p>}
      {withdrawing && (
        <WithdrawSheet
          consent={withdrawing}
          capacity={of.capacity}
          guardians={of.guardians}
          onClose={() => setWithdrawing(undefined)}
        />
      )}
      <ul className={styles.list}>
        {of.consents.map((consent) => (
          <li key={consent.id}>
            <Tone
              kind={consent.valid ? "good" : consent.withdrawnAt ? "danger" : "muted"}
              icon={consent.valid ? "✓" : undefined}
            >
              {consent.valid
                ? t("resident.consentValid")
                : consent.withdrawnAt
                  ? t("resident.consentWithdrawn")
                  : t("resident.consentOver")}
            </Tone>{" "}
            {consent.signerName} {t("resident.signedOn", { day: format.day(consent.signedAt, now) })}{" "}
            <span className={styles.quiet}>
              {[
                t("resident.validUntil", { day: format.day(consent.validUntil, now) }),
                label("consentMethods", consent.method),
                consent.withdrawnAt &&
                  t("around:withdraw.withdrawn", {
                    by: consent.withdrawnByName ?? "",
                    day: format.moment(consent.withdrawnAt, now),
                  }),
                consent.followedById && t("around:withdraw.followed"),
                consent.followUpDueAt &&
                  t("around:withdraw.dueFollowUp", { time: format.moment(consent.followUpDueAt, now) }),
              ]
                .filter(Boolean)
                .join(" · ")}
            </span>{" "}
            {consent.withdrawable && (
              <Button onClick={() => setWithdrawing(consent)}>{t("around:withdraw.button")}</Button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function LatestVitals({ of }: { of: Resident }) {
  const { t } = useTranslation("bedside");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { vital, label } = useCatalogue();
  const newest = newestByCode(of.latestVitals);
  const shown = tiles.flat().filter((code) => newest.has(code));
  return (
    <Panel title={t("resident.vitals")}>
      {shown.length === 0 && <p className={styles.quiet}>{t("resident.noVitals")}</p>}
      <dl className={styles.facts}>
        {shown.map((code) => {
          const reading = newest.get(code);
          const term = vital(code);
          if (!reading || !term) return null;
          const flag = format.vitalFlag(reading.flag);
          return (
            <Fact key={code} name={label("vitals", code)}>
              <strong>{format.vital(reading, term)}</strong>{" "}
              {flag && (
                <Tone kind={flag.critical ? "danger" : "caution"} icon={flag.arrow}>
                  {flag.word}
                </Tone>
              )}{" "}
              <span className={styles.quiet}>{format.ago(reading.takenAt, now)}</span>
            </Fact>
          );
        })}
      </dl>
    </Panel>
  );
}

function Recent({ rows }: { rows: LogRow[] }) {
  const { t } = useTranslation("bedside");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { label, labels } = useCatalogue();
  return (
    <Panel title={t("resident.recent")}>
      {rows.length === 0 && <p className={styles.quiet}>{t("resident.noRecent")}</p>}
      <ul className={styles.list}>
        {rows.map((row) => (
          <li key={row.id}>
            <Link className={styles.recent} to={`/consultations/${row.id}`}>
              <strong>{format.moment(row.createdAt, now)}</strong> {labels("reasons", row.reasons).join("、")}
              <span className={styles.quiet}>
                {[label("states", row.state), row.doctor, row.diagnosis].filter(Boolean).join(" · ")}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
