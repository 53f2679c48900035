import { WarningOutlined } from "@ant-design/icons";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, type Schemas, useRead } from "../api";
import { Tone } from "../theme";
import { AllergyLine } from "./Allergies";
import styles from "./Around.module.css";
import { AssessmentList } from "./Assessments";
import { DocumentTiles } from "./Documents";
import { MedicationLine } from "./MedicationLine";

/** The care file of a case, for who sees the case. */
export function useCaseFile(c: Consultation): Schemas["CareFile"] | undefined {
  return useRead("/api/v1/consultations/{id}/care-file", { path: { id: c.id } }).data;
}

type Part = (props: { title: string; children: ReactNode }) => ReactNode;

/** Allergies: the structured ones, then the register's words. */
export function CaseAllergies({
  c,
  file,
  none,
}: {
  c: Consultation;
  file: Schemas["CareFile"] | undefined;
  none: string;
}) {
  const words = c.resident.allergies;
  return (
    <>
      {file?.allergies.map((a) => (
        <AllergyLine key={a.id} of={a} />
      ))}
      {words && (
        <Tone kind="danger" icon={<WarningOutlined aria-hidden />}>
          {words}
        </Tone>
      )}
      {!words && !file?.allergies.length && <span className={styles.quiet}>{none}</span>}
    </>
  );
}

/** Medicines with their warnings, assessments and documents, in the doctor's parts. */
export function CaseFile({ file, part: Part }: { file: Schemas["CareFile"] | undefined; part: Part }) {
  const { t } = useTranslation("around");
  if (!file) return null;
  const current = file.medications.filter((m) => !m.stoppedOn);
  const stopped = file.medications.filter((m) => m.stoppedOn);
  return (
    <>
      <Part title={t("desk.medications")}>
        {current.length === 0 && <span className={styles.quiet}>{t("desk.noMedications")}</span>}
        <ul className={styles.list}>
          {current.map((m) => (
            <li key={m.id}>
              <MedicationLine of={m} />
            </li>
          ))}
        </ul>
        {stopped.length > 0 && (
          <span className={styles.quiet}>
            {t("desk.stoppedRecently")}: {stopped.map((m) => m.name).join(t("listSeparator"))}
          </span>
        )}
      </Part>
      <Part title={t("desk.assessments")}>
        <AssessmentList of={file} />
      </Part>
      {file.documents.length > 0 && (
        <Part title={t("desk.documents")}>
          <DocumentTiles of={file.documents} />
        </Part>
      )}
    </>
  );
}
