import type { Me, Role } from "../api/types";

/** Where each role begins, in the order that decides for a person with several. */
const homes: readonly (readonly [Role, string])[] = [
  ["CONSULTANT", "/queue"],
  ["DISPATCHER", "/board"],
  ["FAMILY_DOCTOR", "/panel"],
  ["NURSE", "/ward"],
  ["ATTENDING", "/adopt"],
  ["INST_ADMIN", "/log"],
  ["QC", "/quality"],
  ["COMPLAINT_OFFICER", "/quality"],
  ["PHARMACIST", "/prescriptions"],
  ["REG_COUNTY", "/goals"],
  ["REG_LEAGUE", "/goals"],
  ["REG_REGION", "/goals"],
  ["SYS_ADMIN", "/system"],
  ["SEC_ADMIN", "/people"],
  ["AUDITOR", "/audit"],
];

/** The first page of a person. */
export function homeOf(me: Me): string {
  const own = homes.find(([role]) => me.memberships.some((m) => m.role === role));
  if (
    own?.[0] === "NURSE" &&
    !me.memberships.some((m) => m.role === "NURSE" && m.organisationKind === "CARE")
  ) {
    return "/panel"; // a nurse of a medical institution belongs to a family-doctor team
  }
  return own ? own[1] : "/denied";
}
