import { useTranslation } from "react-i18next";
import type { ScreenRoute } from "../app/screen";

function WeekLabel() {
  const { t } = useTranslation("booking");
  return t("week.nav");
}
function HoursLabel() {
  const { t } = useTranslation("booking");
  return t("hours.nav");
}
function KindsLabel() {
  const { t } = useTranslation("booking");
  return t("kinds.nav");
}

/** Appointments: booking one, the week, one's hours, what can be booked. */
export const bookingRoutes: ScreenRoute[] = [
  {
    path: "/appointments",
    lazy: () => import("./WeekPage"),
    handle: {
      roles: ["NURSE", "ATTENDING", "CONSULTANT", "FAMILY_DOCTOR", "DISPATCHER", "INST_ADMIN"],
      density: "desk",
      nav: WeekLabel,
      seldom: true,
    },
  },
  {
    path: "/booking/new",
    lazy: () => import("./BookPage"),
    handle: {
      roles: ["NURSE", "ATTENDING", "CONSULTANT", "FAMILY_DOCTOR", "DISPATCHER", "INST_ADMIN"],
      density: "desk",
    },
  },
  {
    path: "/hours",
    lazy: () => import("./HoursPage"),
    handle: {
      roles: ["ATTENDING", "CONSULTANT", "FAMILY_DOCTOR"],
      density: "desk",
      nav: HoursLabel,
      seldom: true,
    },
  },
  {
    path: "/appointment-kinds",
    lazy: () => import("./KindsPage"),
    handle: { roles: ["DISPATCHER", "INST_ADMIN"], density: "desk", nav: KindsLabel, seldom: true },
  },
];
