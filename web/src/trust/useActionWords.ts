import { useTranslation } from "react-i18next";

const known = [
  "getResident",
  "getConsultation",
  "listMessages",
  "getAttachment",
  "unmask",
  "exportResident",
  "openBreakGlass",
  "getBreakGlass",
  "reviewBreakGlass",
  "createResident",
  "updateResident",
  "getCareFile",
  "addMedication",
  "changeMedication",
  "addAllergy",
  "endAllergy",
  "addAssessment",
] as const;

/** What an action of the access log is called. */
export function useActionWords(): (action: string) => string {
  const { t } = useTranslation("trust");
  return (action) => {
    const name = known.find((k) => k === action);
    return name ? t(`accesses.actions.${name}`) : t("accesses.actions.other", { name: action });
  };
}
