import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useCatalogue } from "../api";
import type { Role, Schemas } from "../api/types";
import { DayPicker } from "../dates";
import styles from "./Admin.module.css";

export type LicenceKind = Schemas["ProfessionalLicenceInput"]["kind"];

/** The licence fields as the form has them; empty ones are absent. */
export interface LicenceValues {
  kind: LicenceKind;
  number?: string;
  titleCode?: string;
  independentSince?: string;
  validFrom?: string;
  validTo?: string;
}

const doctors: LicenceKind[] = ["PHYSICIAN", "ASSISTANT_PHYSICIAN", "VILLAGE_DOCTOR"];

/** Which licences a role is held with; roles without one need none. The server decides. */
const kinds: Partial<Record<Role, LicenceKind[]>> = {
  CONSULTANT: ["PHYSICIAN"],
  ATTENDING: doctors,
  FAMILY_DOCTOR: doctors,
  NURSE: ["NURSE"],
  PHARMACIST: ["PHARMACIST"],
};

/** The licence kinds of somebody who holds the roles. */
export function licenceKinds(roles: readonly Role[]): LicenceKind[] {
  return [...new Set(roles.flatMap((role) => kinds[role] ?? []))];
}

/** What the server takes, or nothing where no number was entered. */
export function licenceOf(v: LicenceValues | undefined): Schemas["ProfessionalLicenceInput"] | undefined {
  if (!v?.number || !v.validFrom) return undefined;
  return {
    kind: v.kind,
    number: v.number.trim(),
    titleCode: v.titleCode ?? "",
    validFrom: v.validFrom,
    ...(v.independentSince ? { independentSince: v.independentSince } : {}),
    ...(v.validTo ? { validTo: v.validTo } : {}),
  };
}

/** Kind, number, title and days of a professional licence, under the form's field `licence`. */
export function LicenceFields({ of, required }: { of: LicenceKind[]; required: boolean }) {
  const { t } = useTranslation("admin");
  const { options } = useCatalogue();
  const entered = Boolean(Form.useWatch(["licence", "number"]));
  const kind = Form.useWatch(["licence", "kind"]) as LicenceKind | undefined;
  const rules = [{ required: required || entered }];
  return (
    <div className={styles.two}>
      <Form.Item name={["licence", "kind"]} label={t("people.licenceKind")} rules={rules}>
        <Select options={of.map((k) => ({ value: k, label: t(`people.kinds.${k}`) }))} />
      </Form.Item>
      <Form.Item name={["licence", "number"]} label={t("people.licenceNumber")} rules={rules}>
        <Input maxLength={40} autoComplete="off" />
      </Form.Item>
      <Form.Item name={["licence", "titleCode"]} label={t("people.titleCode")}>
        <Select allowClear options={options("titles")} />
      </Form.Item>
      {kind !== "NURSE" && (
        <Form.Item name={["licence", "independentSince"]} label={t("people.independentSince")}>
          <DayPicker className={styles.wide} />
        </Form.Item>
      )}
      <Form.Item name={["licence", "validFrom"]} label={t("people.validFrom")} rules={rules}>
        <DayPicker className={styles.wide} />
      </Form.Item>
      <Form.Item name={["licence", "validTo"]} label={t("people.validTo")}>
        <DayPicker className={styles.wide} />
      </Form.Item>
    </div>
  );
}
