import { useTranslation } from "react-i18next";
import type { ScreenRoute } from "../app/screen";

function AccessesLabel() {
  const { t } = useTranslation("trust");
  return t("accesses.title");
}

function AuditLabel() {
  const { t } = useTranslation("trust");
  return t("audit.title");
}

/** Who opened which record: for administrators; and the way in for an emergency. */
export const trustRoutes: ScreenRoute[] = [
  {
    path: "/accesses",
    lazy: () => import("./AccessesPage"),
    handle: { roles: ["INST_ADMIN"], seldom: true, density: "desk", nav: AccessesLabel },
  },
  {
    path: "/audit",
    lazy: () => import("./AuditPage"),
    handle: { roles: ["AUDITOR"], density: "desk", nav: AuditLabel },
  },
  // In the account's own menu of those who care for people.
  {
    path: "/emergency-access",
    lazy: () => import("./EmergencyPage"),
    handle: { roles: ["NURSE", "ATTENDING", "CONSULTANT"], density: "desk" },
  },
];
