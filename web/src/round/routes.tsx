import { useTranslation } from "react-i18next";
import type { ScreenRoute } from "../app/screen";

function RoundsLabel() {
  const { t } = useTranslation("round");
  return t("nav");
}

const staff = { roles: ["NURSE", "ATTENDING", "CONSULTANT", "DISPATCHER"], density: "desk" } as const;

/** Rounds: one call over a list of residents. */
export const roundRoutes: ScreenRoute[] = [
  { path: "/rounds", lazy: () => import("./RoundsPage"), handle: { ...staff, nav: RoundsLabel } },
  { path: "/rounds/new", lazy: () => import("./PlanPage"), handle: staff },
  { path: "/rounds/:id/plan", lazy: () => import("./PlanPage"), handle: staff },
  { path: "/rounds/:id", lazy: () => import("./RoundPage"), handle: staff },
];
