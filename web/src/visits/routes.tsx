import { useTranslation } from "react-i18next";
import type { Role } from "../api/types";
import type { ScreenRoute } from "../app/screen";

function VisitsLabel() {
  const { t } = useTranslation("visits");
  return t("nav");
}
function DayLabel() {
  const { t } = useTranslation("visits");
  return t("day.nav");
}
function BedsLabel() {
  const { t } = useTranslation("visits");
  return t("bed.nav");
}
function AlarmsLabel() {
  const { t } = useTranslation("visits");
  return t("alarm.nav");
}

const seen: Role[] = ["FAMILY_DOCTOR", "NURSE", "ATTENDING", "CONSULTANT", "DISPATCHER", "INST_ADMIN"];
const goes: Role[] = ["FAMILY_DOCTOR", "NURSE", "ATTENDING"];

/** Visits at home, the day of who goes, home beds, alarms. */
export const visitRoutes: ScreenRoute[] = [
  {
    path: "/day-sheet",
    lazy: () => import("./DayPage"),
    handle: { roles: goes, density: "desk", nav: DayLabel },
  },
  {
    path: "/visits",
    lazy: () => import("./VisitsPage"),
    handle: { roles: seen.filter((r) => r !== "CONSULTANT"), density: "desk", nav: VisitsLabel },
  },
  {
    path: "/visit-alarms",
    lazy: () => import("./AlarmsPage"),
    handle: { roles: ["DISPATCHER", "INST_ADMIN"], density: "desk", nav: AlarmsLabel, seldom: true },
  },
  { path: "/visits/:id", lazy: () => import("./VisitPage"), handle: { roles: seen, density: "desk" } },
  {
    path: "/home-beds",
    lazy: () => import("./BedsPage"),
    handle: { roles: seen.filter((r) => r !== "CONSULTANT"), density: "desk", nav: BedsLabel, seldom: true },
  },
  {
    path: "/home-beds/:id",
    lazy: () => import("./BedPage"),
    handle: { roles: seen.filter((r) => r !== "CONSULTANT"), density: "desk" },
  },
];
