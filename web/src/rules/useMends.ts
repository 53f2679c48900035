import { useNavigate } from "react-router";
import type { Consultation } from "../api";
import type { Role } from "../api/types";
import { hasRole, useMe } from "../auth/useSession";
import type { Mends } from "./Reasons";

const bookers = ["NURSE", "ATTENDING", "CONSULTANT", "FAMILY_DOCTOR", "DISPATCHER", "INST_ADMIN"] as const;
const visitors = ["FAMILY_DOCTOR", "NURSE", "ATTENDING", "DISPATCHER", "INST_ADMIN"] as const;

/**
 * Of everything that mends a reason, what this person can do, and where. A page adds what it does on the spot, and says with `at` which
 * one it is, so that nobody is sent to where they are. What somebody else has to do stands in words beside the reason.
 */
export function useMends(
  c: Pick<Consultation, "id" | "actions"> & { resident: { id: string } },
  at: "bedside" | "work" | "record",
): Mends {
  const me = useMe();
  const navigate = useNavigate();
  const mends: Mends = {};
  const offer = (roles: readonly Role[], page: typeof at | undefined, codes: string[], to: string) => {
    if (page === at || !hasRole(me, ...roles)) return;
    for (const code of codes) mends[code] ??= () => void navigate(to);
  };
  const may = (operation: string, roles: readonly Role[]) => (c.actions.includes(operation) ? roles : []);
  const resident = c.resident.id;
  const own = me.memberships.find((m) => m.role === "INST_ADMIN")?.organisationId;

  // The person's own signature first: it is what keeps most of them from counting.
  offer(may("signReport", ["CONSULTANT"]), "work", ["SIGN_REPORT"], `/work/${c.id}`);
  offer(may("adoptReport", ["ATTENDING", "FAMILY_DOCTOR"]), undefined, ["ADOPT_REPORT"], `/adopt/${c.id}`);
  offer(
    ["NURSE", "ATTENDING", "FAMILY_DOCTOR"],
    "bedside",
    ["SIGN_CONSENT", "APPROVE_EMERGENCY", "ADD_COMPLAINT", "ADD_REVISIT_EVIDENCE", "COMPLETE_RECORD"],
    `/ward/requests/${c.id}`,
  );
  offer(["ATTENDING", "FAMILY_DOCTOR"], undefined, ["ATTENDING_CHECK_IN"], "/check-in");
  offer(["NURSE"], "bedside", ["ATTENDING_CHECK_IN"], `/ward/requests/${c.id}`);
  offer(["NURSE"], undefined, ["ADD_IDENTITY_NUMBER"], `/ward/residents/${resident}/edit`);
  offer(["NURSE", "ATTENDING"], undefined, ["REVIEW_PRESCRIPTION"], `/ward/residents/${resident}/care`);
  offer(["FAMILY_DOCTOR"], undefined, ["SIGN_FAMILY_CONTRACT"], `/panel/residents/${resident}`);
  offer(["NURSE", "ATTENDING"], undefined, ["SIGN_FAMILY_CONTRACT"], `/ward/residents/${resident}/family`);
  offer(
    ["CONSULTANT"],
    "work",
    ["JUDGE_REVISIT_EVIDENCE", "CHOOSE_DESTINATION", "AUTHENTICATE_DOCTOR", "COMPLETE_RECORD"],
    `/work/${c.id}`,
  );
  offer(bookers, undefined, ["BOOK_FACE_TO_FACE"], `/booking/new?resident=${resident}`);
  offer(bookers, undefined, ["BOOK_HOME_VISIT"], `/booking/new?resident=${resident}&place=HOME`);
  offer(visitors, undefined, ["OPEN_HOME_BED"], "/home-beds");
  offer(
    visitors,
    undefined,
    ["CHECK_IN_VISIT", "ADD_VISIT_PROOF", "ASSESS_FIRST", "CHOOSE_OTHER_NURSE", "ASK_ADMIN_INSURANCE"],
    "/visits",
  );
  offer(["INST_ADMIN"], undefined, ["ASK_ADMIN_AGREEMENT"], "/system?tab=agreements");
  offer(["INST_ADMIN"], undefined, ["ASK_ADMIN_LICENCE"], "/people");
  offer(["INST_ADMIN"], undefined, ["DECLARE_FACTS"], `/system?tab=organisations&open=${own ?? ""}`);
  offer(["QC", "INST_ADMIN"], undefined, ["HANDLE_LEAK"], "/quality");
  return mends;
}
