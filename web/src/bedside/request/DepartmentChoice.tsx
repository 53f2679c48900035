import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { type Duty, useCatalogue } from "../../api";
import { Choice, Choices } from "../parts/Choice";
import styles from "./Request.module.css";

/** Who is going to be called. The server chooses by the reason and by who is there, unless the nurse knows better. */
export function DepartmentChoice({
  duty,
  reasons,
  chosen,
  onChoose,
  open,
  onOpen,
}: {
  duty: Duty | undefined;
  reasons: readonly string[];
  chosen: string | undefined;
  onChoose: (departmentId: string | undefined) => void;
  open: boolean;
  onOpen: () => void;
}) {
  const { t } = useTranslation("bedside");
  const { reason, label } = useCatalogue();
  const code = reasons.map((r) => reason(r)?.departmentCode).find((d) => d !== undefined);
  if (!duty || duty.departments.length < 2) return null;
  const picked = duty.departments.find((d) => d.departmentId === chosen);
  const first = duty.departments.find((d) => d.code === code);
  const usual = first?.name ?? label("departments", code);
  if (!open) {
    return (
      <p className={styles.department}>
        <span>
          {picked
            ? t("department.picked", { name: picked.name })
            : t((first?.available ?? 0) > 0 ? "department.auto" : "department.autoElsewhere", {
                name: usual,
              })}
        </span>
        <Button onClick={onOpen}>{t("department.change")}</Button>
      </p>
    );
  }
  return (
    <Choices label={t("department.label")}>
      <Choice
        chosen={chosen === undefined}
        onClick={() => onChoose(undefined)}
        hint={t("department.autoHint", { name: usual })}
      >
        {t("department.autoShort")}
      </Choice>
      {duty.departments.map((d) => (
        <Choice
          key={d.departmentId}
          chosen={chosen === d.departmentId}
          onClick={() => onChoose(d.departmentId)}
          hint={d.available > 0 ? t("department.available", { n: d.available }) : t("department.nobody")}
        >
          {d.name}
        </Choice>
      ))}
    </Choices>
  );
}
