import { PlusOutlined, WarningOutlined } from "@ant-design/icons";
import { Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue, useCommand } from "../api";
import { Panel } from "../bedside/parts/Panel";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Around.module.css";
import { type CareFile, useKeepCareFile } from "./useCareFile";
import { FormDialog, ReasonDialog } from "../dialog";

/** The structured allergies beside the register's words. */
export function Allergies({ of, residentId }: { of: CareFile; residentId: string }) {
  const { t } = useTranslation("around");
  const [adding, setAdding] = useState(false);
  return (
    <Panel
      title={t("file.allergies")}
      aside={
        of.canEdit && (
          <Button icon={<PlusOutlined aria-hidden />} onClick={() => setAdding(true)}>
            {t("file.addAllergy")}
          </Button>
        )
      }
    >
      {of.allergies.length === 0 && !of.allergyText && (
        <p className={styles.quiet}>{t("file.noAllergies")}</p>
      )}
      <ul className={styles.list}>
        {of.allergies.map((a) => (
          <Row key={a.id} of={a} canEdit={of.canEdit} residentId={residentId} />
        ))}
      </ul>
      {of.allergyText && <p className={styles.quiet}>{t("file.inWords", { text: of.allergyText })}</p>}
      {adding && <AllergyForm residentId={residentId} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

/** What somebody is allergic to, how badly, and how it showed. */
export function AllergyLine({ of }: { of: Schemas["Allergy"] }) {
  const { label } = useCatalogue();
  return (
    <span className={styles.line}>
      <Tone kind="danger" icon={<WarningOutlined aria-hidden />}>
        {of.substance}
      </Tone>
      <span>
        {[label("allergyKinds", of.kind), label("severities", of.severity), of.reaction]
          .filter(Boolean)
          .join(" · ")}
      </span>
    </span>
  );
}

function Row({ of, canEdit, residentId }: { of: Schemas["Allergy"]; canEdit: boolean; residentId: string }) {
  const { t } = useTranslation("around");
  const format = useFormat();
  const now = useServerNow(60_000);
  const keep = useKeepCareFile(residentId);
  const [ending, setEnding] = useState(false);
  const end = useCommand("post", "/api/v1/allergies/{id}/end", {
    onSuccess: (file) => {
      setEnding(false);
      keep(file);
    },
  });
  return (
    <li>
      <AllergyLine of={of} />
      <span className={styles.quiet}>
        {t("file.assessed", { day: format.day(of.createdAt, now), name: of.createdBy })}
      </span>
      {canEdit && (
        <span className={styles.acts}>
          <Button onClick={() => setEnding(true)}>{t("file.endAllergy")}</Button>
        </span>
      )}
      {ending && (
        <ReasonDialog
          title={t("file.endTitle", { name: of.substance })}
          label={t("file.endWhy")}
          act={t("file.endAllergy")}
          least={1}
          most={300}
          busy={end.isPending}
          error={end.error}
          onClose={() => setEnding(false)}
          onSend={({ words: reason = "" }) => end.mutate({ path: { id: of.id }, body: { reason } })}
        />
      )}
    </li>
  );
}

function AllergyForm({ residentId, onClose }: { residentId: string; onClose: () => void }) {
  const { t } = useTranslation(["around", "common"]);
  const { options } = useCatalogue();
  const [form] = Form.useForm();
  const keep = useKeepCareFile(residentId);
  const add = useCommand("post", "/api/v1/residents/{id}/allergies", {
    onSuccess: (file) => {
      keep(file);
      onClose();
    },
  });
  const needed = { required: true, message: t("form.needed") };
  return (
    <FormDialog<{ substance: string; kind: string; severity: string; reaction?: string }>
      title={t("file.addAllergy")}
      onClose={onClose}
      act={t("form.save")}
      busy={add.isPending}
      form={form}
      initial={{ kind: "DRUG", severity: "UNKNOWN" }}
      error={add.error}
      onSend={({ substance, kind, severity, reaction }) =>
        add.mutate({
          path: { id: residentId },
          body: {
            substance: substance.trim(),
            kind,
            severity,
            ...(reaction?.trim() ? { reaction: reaction.trim() } : {}),
          },
        })
      }
    >
      <Form.Item name="substance" label={t("form.substance")} rules={[needed]}>
        <Input maxLength={60} placeholder={t("form.substanceHint")} autoComplete="off" />
      </Form.Item>
      <Form.Item name="kind" label={t("form.kind")}>
        <Select options={options("allergyKinds")} />
      </Form.Item>
      <Form.Item name="severity" label={t("form.severity")}>
        <Select options={options("severities")} />
      </Form.Item>
      <Form.Item name="reaction" label={t("form.reaction")}>
        <Input maxLength={200} autoComplete="off" />
      </Form.Item>
    </FormDialog>
  );
}
