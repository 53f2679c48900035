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
  "LOGIN",
  "LOGIN_FAILED",
  "LOGOUT",
  "SESSION_REVOKED",
  "PASSWORD_CHANGED",
  "PASSWORD_RESET",
  "PASSWORD_CHECK_FAILED",
  "ACCOUNT_DISABLED",
  "SECOND_FACTOR_ENROLLED",
  "SECOND_FACTOR_REMOVED",
  "SECOND_FACTOR_RESET",
  "SECOND_FACTOR_FAILED",
  "SECOND_FACTOR_COPIED",
  "RECOVERY_CODE_USED",
  "RECOVERY_CODES_RENEWED",
  "SIGN_IN_CONFIRMED",
  "setFactorRules",
  "createUser",
  "createOrganisation",
  "createAgreement",
  "exportAudit",
] as const;

/** What an action of the access log is called. */
export function useActionWords(): (action: string) => string {
  const { t } = useTranslation("trust");
  return (action) => {
    const name = known.find((k) => k === action);
    return name ? t(`accesses.actions.${name}`) : t("accesses.actions.other", { name: action });
  };
}
