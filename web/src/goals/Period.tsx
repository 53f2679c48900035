import { DatePicker, Segmented, Select } from "antd";
import dayjs from "dayjs";
import { useTranslation } from "react-i18next";
import { useRead } from "../api";
import type { Schemas } from "../api/types";
import styles from "./Goals.module.css";
import type { Kind, useGoalQuery } from "./query";

const picker = { M: "month", Q: "quarter", Y: "year" } as const;
const depth = { REGION: 0, LEAGUE: 1, COUNTY: 2, INSTITUTION: 3 } as const;

/** Which organisation and which period: the first line of each page of the goals. */
export function PeriodBar({ goal }: { goal: ReturnType<typeof useGoalQuery> }) {
  const { t } = useTranslation("goals");
  const { data: scopes } = useRead("/api/v1/goals/scopes", {});
  const { query, set } = goal;
  const chosen: Schemas["GoalScope"] | undefined =
    scopes?.find((s) => s.id === query.organisationId) ?? scopes?.[0];
  const shallow = Math.min(...(scopes ?? []).map((s) => depth[s.level]));
  return (
    <div className={styles.bar}>
      <Select
        className={styles.scope}
        aria-label={t("scope")}
        showSearch={{ optionFilterProp: "label" }}
        {...(chosen ? { value: chosen.id } : {})}
        options={(scopes ?? []).map((s) => ({
          value: s.id,
          label: `${"　".repeat(depth[s.level] - shallow)}${s.name}`,
        }))}
        onChange={(org) => set({ org, side: undefined })}
      />
      <Segmented<Kind>
        aria-label={t("kindLabel")}
        value={query.kind}
        options={(["M", "Q", "Y"] as const).map((value) => ({ value, label: t(`kind.${value}`) }))}
        onChange={(kind) => set({ kind })}
      />
      <DatePicker
        aria-label={t("period")}
        picker={picker[query.kind]}
        allowClear={false}
        value={dayjs(query.day)}
        onChange={(day) => day && set({ day: day.format("YYYY-MM-DD") })}
      />
      {chosen?.kind === "MEDICAL" && (
        <Segmented
          value={query.side ?? "INVITING"}
          options={(["INVITING", "INVITED"] as const).map((value) => ({ value, label: t(`side.${value}`) }))}
          onChange={(side) => set({ side: side === "INVITED" ? side : undefined })}
        />
      )}
    </div>
  );
}
