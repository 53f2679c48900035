import { useTranslation } from "react-i18next";
import type { ScreenRoute } from "../app/screen";

function PanelLabel() {
  const { t } = useTranslation("panel");
  return t("nav.panel");
}

function ContractsLabel() {
  const { t } = useTranslation("panel");
  return t("nav.contracts");
}

function RecallsLabel() {
  const { t } = useTranslation("panel");
  return t("nav.recalls");
}

/** Nurses see these screens in a medical institution only: there they belong to family-doctor teams. */
const team = { roles: ["FAMILY_DOCTOR", "NURSE"], in: { NURSE: "MEDICAL" }, density: "desk" } as const;

/** The screens of family doctors. */
export const panelRoutes: ScreenRoute[] = [
  { path: "/panel", lazy: () => import("./PanelPage"), handle: { ...team, nav: PanelLabel } },
  { path: "/panel/book", lazy: () => import("./BulkPage"), handle: team },
  { path: "/panel/residents/:id", lazy: () => import("./FamilyPage"), handle: team },
  {
    path: "/contracts",
    lazy: () => import("./ContractsPage"),
    handle: { ...team, roles: ["FAMILY_DOCTOR", "NURSE", "INST_ADMIN"], nav: ContractsLabel, seldom: true },
  },
  {
    path: "/contracts/:id",
    lazy: () => import("./ContractPage"),
    handle: { roles: ["FAMILY_DOCTOR", "NURSE", "ATTENDING", "INST_ADMIN"], density: "desk" },
  },
  { path: "/recalls", lazy: () => import("./RecallsPage"), handle: { ...team, nav: RecallsLabel } },
  { path: "/recalls/:id", lazy: () => import("./RecallPage"), handle: team },
];
