import { Input, InputNumber, Select } from "antd";
import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue } from "../../api";
import { fieldId } from "./fields";
import styles from "./Report.module.css";

type AdviceInput = Schemas["AdviceInput"];

/** How an item is carried out: of a drug dose and route, of everything how often and for how long. All of it may stay empty. */
export function AdviceHow({
  item,
  i,
  onChange,
}: {
  item: AdviceInput;
  i: number;
  onChange: (patch: Partial<AdviceInput>, typed: boolean) => void;
}) {
  const { t } = useTranslation("desk");
  const { options } = useCatalogue();
  const n = i + 1;
  return (
    <div className={styles.how}>
      {item.kind === "DRUG" && (
        <>
          <Input
            id={fieldId(`advice/${i}/dose`)}
            className={styles.dose}
            aria-label={t("report.dose", { n })}
            placeholder={t("report.doseHint")}
            value={item.dose ?? ""}
            maxLength={50}
            onChange={(event) => onChange({ dose: event.target.value }, true)}
          />
          <Select
            id={fieldId(`advice/${i}/route`)}
            className={styles.short}
            aria-label={t("report.route", { n })}
            placeholder={t("report.routeHint")}
            value={item.route || null}
            options={options("medRoutes")}
            allowClear
            onChange={(route: string | undefined) => onChange({ route }, false)}
          />
        </>
      )}
      <Select
        id={fieldId(`advice/${i}/frequency`)}
        className={styles.short}
        aria-label={t("report.frequency", { n })}
        placeholder={t("report.frequencyHint")}
        value={item.frequency || null}
        options={options("medFrequencies")}
        allowClear
        onChange={(frequency: string | undefined) => onChange({ frequency }, false)}
      />
      <InputNumber
        id={fieldId(`advice/${i}/days`)}
        className={styles.days}
        aria-label={t("report.days", { n })}
        placeholder={t("report.daysHint")}
        suffix={t("report.daysUnit")}
        min={1}
        max={365}
        precision={0}
        value={item.days ?? null}
        onChange={(days) => onChange({ days: days ?? undefined }, true)}
      />
    </div>
  );
}
