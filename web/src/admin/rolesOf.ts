import type { Role } from "../api/types";

/** Which roles an organisation's kind has; the server decides, this only keeps the choice short. */
export const rolesOf: Record<"CARE" | "MEDICAL" | "AUTHORITY", Role[]> = {
  CARE: ["NURSE", "ATTENDING", "PHARMACIST", "INST_ADMIN", "QC", "COMPLAINT_OFFICER"],
  MEDICAL: [
    "CONSULTANT",
    "ATTENDING",
    "FAMILY_DOCTOR",
    "NURSE",
    "PHARMACIST",
    "DISPATCHER",
    "INST_ADMIN",
    "QC",
    "COMPLAINT_OFFICER",
  ],
  AUTHORITY: ["REG_COUNTY", "REG_LEAGUE", "REG_REGION", "SYS_ADMIN", "SEC_ADMIN", "AUDITOR"],
};
