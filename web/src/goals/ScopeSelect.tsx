import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { useRead } from "../api";
import type { Schemas } from "../api/types";
import styles from "./Goals.module.css";

export type Scope = Schemas["GoalScope"];

const depth = { REGION: 0, LEAGUE: 1, COUNTY: 2, INSTITUTION: 3 } as const;

/** The organisations whose figures one may see, and the one that is looked at: the first of one's own unless the address names one. */
export function useScope(org: string | undefined, among: (scope: Scope) => boolean = everything) {
  const { data } = useRead("/api/v1/goals/scopes", {});
  const scopes = (data ?? []).filter(among);
  return { scopes, known: data !== undefined, scope: scopes.find((s) => s.id === org) ?? scopes[0] };
}

function everything() {
  return true;
}

export function ScopeSelect({
  scopes,
  scope,
  onChange,
}: {
  scopes: Scope[];
  scope: Scope | undefined;
  onChange: (org: string) => void;
}) {
  const { t } = useTranslation("goals");
  // Who has one has nothing to choose.
  if (scopes.length === 1) return <strong>{scope?.name}</strong>;
  const shallow = Math.min(...scopes.map((s) => depth[s.level]));
  return (
    <Select
      className={styles.scope}
      aria-label={t("scope")}
      showSearch={{ optionFilterProp: "label" }}
      {...(scope ? { value: scope.id } : {})}
      options={scopes.map((s) => ({
        value: s.id,
        label: `${"　".repeat(depth[s.level] - shallow)}${s.name}`,
      }))}
      onChange={onChange}
    />
  );
}
