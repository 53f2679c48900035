import { SafetyCertificateOutlined } from "@ant-design/icons";
import { Button, Checkbox } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue, useCommand } from "../api";
import type { Role } from "../api/types";
import { hasRole, useMe } from "../auth/useSession";
import { Dialog } from "../dialog";
import { Tone } from "../theme";
import styles from "./Admin.module.css";

type Organisation = Schemas["Organisation"];
type Rule = Schemas["FactorRule"];

/** The roles that an organisation of a kind has, and of which a second factor may be asked. */
const roles: Record<Organisation["kind"], readonly Role[]> = {
  CARE: ["ATTENDING", "NURSE", "PHARMACIST", "INST_ADMIN", "QC", "COMPLAINT_OFFICER"],
  MEDICAL: [
    "CONSULTANT",
    "ATTENDING",
    "NURSE",
    "PHARMACIST",
    "DISPATCHER",
    "INST_ADMIN",
    "QC",
    "COMPLAINT_OFFICER",
  ],
  AUTHORITY: ["REG_COUNTY", "REG_LEAGUE", "REG_REGION"],
};
const system: readonly Role[] = ["SYS_ADMIN", "SEC_ADMIN", "AUDITOR"];
const doctors: ReadonlySet<Role> = new Set(["CONSULTANT", "ATTENDING"]);

/** Of which roles an organisation asks a second factor, in one line, with the way to change it. */
export function FactorRules({
  of,
  mayChange,
  onChanged,
}: {
  of: Organisation;
  mayChange: boolean;
  onChanged: () => void;
}) {
  const { t } = useTranslation("admin");
  const { label } = useCatalogue();
  const [open, setOpen] = useState(false);
  const asked = of.factorRules.filter((rule) => rule.atActs || rule.atSignIn);
  return (
    <span className={styles.tags}>
      {asked.length === 0 ? (
        <span>{t("factors.none")}</span>
      ) : (
        asked.map((rule) => (
          <Tone key={rule.role} kind="good" icon={<SafetyCertificateOutlined />}>
            {label("roles", rule.role)}
          </Tone>
        ))
      )}
      {mayChange && (
        <Button
          size="small"
          aria-label={t("factors.changeOf", { name: of.name })}
          onClick={() => setOpen(true)}
        >
          {t("factors.change")}
        </Button>
      )}
      {open && (
        <RulesDialog
          of={of}
          onClose={() => setOpen(false)}
          onSaved={() => {
            setOpen(false);
            onChanged();
          }}
        />
      )}
    </span>
  );
}

function RulesDialog({
  of,
  onClose,
  onSaved,
}: {
  of: Organisation;
  onClose: () => void;
  onSaved: () => void;
}) {
  const { t } = useTranslation(["admin", "common"]);
  const { label } = useCatalogue();
  const me = useMe();
  const [rules, setRules] = useState<Rule[]>(() =>
    [...roles[of.kind], ...(hasRole(me, "SEC_ADMIN") ? system : [])].map(
      (role) => of.factorRules.find((rule) => rule.role === role) ?? { role, atActs: false, atSignIn: false },
    ),
  );
  const save = useCommand("put", "/api/v1/organisations/{id}/second-factor", { onSuccess: onSaved });
  const set = (role: Role, change: Partial<Rule>) =>
    setRules((all) => all.map((rule) => (rule.role === role ? { ...rule, ...change } : rule)));
  const changed = rules.filter((rule) => {
    const was = of.factorRules.find((one) => one.role === rule.role);
    return rule.atActs !== (was?.atActs ?? false) || rule.atSignIn !== (was?.atSignIn ?? false);
  });
  return (
    <Dialog
      title={t("factors.title", { name: of.name })}
      width="wide"
      onClose={onClose}
      act={t("common:actions.save")}
      busy={save.isPending}
      ready={changed.length > 0}
      error={save.error}
      onAct={() => save.mutate({ path: { id: of.id }, body: { rules: changed } })}
    >
      <p>{t("factors.hint")}</p>
      <table className={styles.rules}>
        <thead>
          <tr>
            <th scope="col">{t("people.role")}</th>
            <th scope="col">{t("factors.atActs")}</th>
            <th scope="col">{t("factors.atSignIn")}</th>
          </tr>
        </thead>
        <tbody>
          {rules.map((rule) => (
            <tr key={rule.role}>
              <th scope="row">{label("roles", rule.role)}</th>
              <td>
                {doctors.has(rule.role) ? (
                  <Checkbox
                    checked={rule.atActs}
                    aria-label={`${label("roles", rule.role)}: ${t("factors.atActs")}`}
                    onChange={(event) => set(rule.role, { atActs: event.target.checked })}
                  />
                ) : (
                  "–"
                )}
              </td>
              <td>
                <Checkbox
                  checked={rule.atSignIn}
                  aria-label={`${label("roles", rule.role)}: ${t("factors.atSignIn")}`}
                  onChange={(event) => set(rule.role, { atSignIn: event.target.checked })}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Dialog>
  );
}
