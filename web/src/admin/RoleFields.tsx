import { Form, type FormInstance, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useCatalogue, useRead } from "../api";
import type { Role, Schemas } from "../api/types";
import { useMe } from "../auth/useSession";
import styles from "./Admin.module.css";
import { LicenceFields, type LicenceValues, licenceKinds, licenceOf } from "./LicenceFields";
import { rolesOf } from "./rolesOf";

/** Where somebody works, as what, and the licence that this takes, as a form has them. */
export interface RoleValues {
  /** absent where there is only one to choose */
  organisationId?: string;
  departmentId?: string;
  role: Role;
  licence?: LicenceValues;
}

/** The institutions whose people the person who is signed in keeps. */
export function useOwnOrganisations(enabled = true): Schemas["Organisation"][] {
  const me = useMe();
  const all = useRead("/api/v1/organisations", {}, { enabled }).data ?? [];
  if (me.memberships.some((m) => m.role === "SYS_ADMIN")) return all;
  return all.filter((o) => me.memberships.some((m) => m.role === "INST_ADMIN" && m.organisationId === o.id));
}

/** What the server takes of them. */
export function roleOf<V extends RoleValues>({ licence, ...rest }: V, mine: Schemas["Organisation"][]) {
  const entered = licenceOf(licence);
  return {
    ...rest,
    organisationId: rest.organisationId ?? mine[0]?.id ?? "",
    ...(entered ? { licence: entered } : {}),
  };
}

/** Institution, role, department and licence: the fields of [RoleValues] in the form. */
export function RoleFields({
  form,
  mine,
  legend,
  licensed,
}: {
  form: FormInstance;
  /** between which institutions one chooses ([useOwnOrganisations]) */
  mine: Schemas["Organisation"][];
  /** over the fields of the licence */
  legend: string;
  /** whether the licence has to be entered for the role */
  licensed: (role: Role) => boolean;
}) {
  const { t } = useTranslation("admin");
  const { label } = useCatalogue();
  const chosen = Form.useWatch("organisationId", form) as string | undefined;
  const role = Form.useWatch("role", form) as Role | undefined;
  const organisation = mine.find((o) => o.id === chosen) ?? mine[0];
  const kinds = role ? licenceKinds([role]) : [];
  return (
    <>
      {mine.length > 1 && (
        <Form.Item name="organisationId" label={t("people.organisation")} rules={[{ required: true }]}>
          <Select
            showSearch
            optionFilterProp="label"
            options={mine.map((o) => ({ value: o.id, label: o.name }))}
          />
        </Form.Item>
      )}
      <Form.Item name="role" label={t("people.role")} rules={[{ required: true }]}>
        <Select
          onChange={(next: Role) => form.setFieldValue(["licence", "kind"], licenceKinds([next])[0])}
          options={(organisation ? rolesOf[organisation.kind] : []).map((r) => ({
            value: r,
            label: label("roles", r),
          }))}
        />
      </Form.Item>
      {role === "CONSULTANT" && (
        <Form.Item name="departmentId" label={t("people.department")} rules={[{ required: true }]}>
          <Select options={organisation?.departments.map((d) => ({ value: d.id, label: d.name })) ?? []} />
        </Form.Item>
      )}
      {role && kinds.length > 0 && (
        <fieldset className={styles.group} key={kinds.join()}>
          <legend>{legend}</legend>
          <LicenceFields of={kinds} required={licensed(role)} />
        </fieldset>
      )}
    </>
  );
}
