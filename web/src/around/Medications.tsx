import { CheckOutlined, PlusOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand } from "../api";
import { Panel } from "../bedside/parts/Panel";
import styles from "./Around.module.css";
import { MedicationForm } from "./MedicationForm";
import { MedicationLine } from "./MedicationLine";
import { type CareFile, type Medication, useKeepCareFile } from "./useCareFile";
import { ReasonDialog, Refused } from "../dialog";

/** What the resident takes, and what was stopped lately. */
export function Medications({ of, residentId }: { of: CareFile; residentId: string }) {
  const { t } = useTranslation("around");
  const [adding, setAdding] = useState(false);
  const current = of.medications.filter((m) => !m.stoppedOn);
  const stopped = of.medications.filter((m) => m.stoppedOn);
  return (
    <Panel
      title={t("file.medications")}
      aside={
        of.canEdit && (
          <Button icon={<PlusOutlined aria-hidden />} onClick={() => setAdding(true)}>
            {t("file.addMedication")}
          </Button>
        )
      }
    >
      {current.length === 0 && <p className={styles.quiet}>{t("file.noMedications")}</p>}
      <ul className={styles.list}>
        {current.map((m) => (
          <Row key={m.id} of={m} canEdit={of.canEdit} residentId={residentId} />
        ))}
      </ul>
      {stopped.length > 0 && (
        <>
          <h3>{t("file.stopped")}</h3>
          <ul className={styles.list}>
            {stopped.map((m) => (
              <li key={m.id}>
                <MedicationLine of={m} />
              </li>
            ))}
          </ul>
        </>
      )}
      {adding && (
        <MedicationForm residentId={residentId} reviewers={of.reviewers} onClose={() => setAdding(false)} />
      )}
    </Panel>
  );
}

function Row({ of, canEdit, residentId }: { of: Medication; canEdit: boolean; residentId: string }) {
  const { t } = useTranslation("around");
  const keep = useKeepCareFile(residentId);
  const [stopping, setStopping] = useState(false);
  const change = useCommand("post", "/api/v1/medications/{id}", {
    onSuccess: (file) => {
      setStopping(false);
      keep(file);
    },
  });
  return (
    <li>
      <MedicationLine of={of} />
      {canEdit && (
        <span className={styles.acts}>
          {of.canVerify && (
            <Button
              icon={<CheckOutlined aria-hidden />}
              loading={change.isPending}
              onClick={() => change.mutate({ path: { id: of.id }, body: { act: "VERIFY" } })}
            >
              {t("file.verify")}
            </Button>
          )}
          <Button onClick={() => setStopping(true)}>{t("file.stop")}</Button>
        </span>
      )}
      {!stopping && <Refused error={change.error} />}
      {stopping && (
        <ReasonDialog
          title={t("file.stopTitle", { name: of.name })}
          label={t("file.stopWhy")}
          act={t("file.stop")}
          least={1}
          most={300}
          busy={change.isPending}
          error={change.error}
          onClose={() => setStopping(false)}
          onSend={({ words: reason = "" }) =>
            change.mutate({ path: { id: of.id }, body: { act: "STOP", reason } })
          }
        />
      )}
    </li>
  );
}
