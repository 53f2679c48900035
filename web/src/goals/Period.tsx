import { Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { DayPicker } from "../dates";
import styles from "./Goals.module.css";
import type { Kind, useGoalQuery } from "./query";
import { ScopeSelect, useScope } from "./ScopeSelect";

const unit = { M: "month", Q: "quarter", Y: "year" } as const;

/** Which organisation and which period: the first line of each page of figures. */
export function PeriodBar({ goal }: { goal: ReturnType<typeof useGoalQuery> }) {
  const { t } = useTranslation("goals");
  const { query, set } = goal;
  const { scopes, scope } = useScope(query.organisationId);
  return (
    <div className={styles.bar}>
      <ScopeSelect scopes={scopes} scope={scope} onChange={(org) => set({ org, side: undefined })} />
      <Segmented<Kind>
        aria-label={t("kindLabel")}
        value={query.kind}
        options={(["M", "Q", "Y"] as const).map((value) => ({ value, label: t(`kind.${value}`) }))}
        onChange={(kind) => set({ kind })}
      />
      <DayPicker
        aria-label={t("period")}
        unit={unit[query.kind]}
        allowClear={false}
        value={query.day}
        // A month comes without its day.
        onChange={(day) => day && set({ day: day.length === 7 ? `${day}-01` : day })}
      />
      {scope?.kind === "MEDICAL" && (
        <Segmented
          value={query.side ?? "INVITING"}
          options={(["INVITING", "INVITED"] as const).map((value) => ({ value, label: t(`side.${value}`) }))}
          onChange={(side) => set({ side: side === "INVITED" ? side : undefined })}
        />
      )}
    </div>
  );
}
