import { useTranslation } from "react-i18next";
import type { Role } from "../api/types";
import type { ScreenRoute } from "../app/screen";

const everybody: Role[] = ["NURSE", "ATTENDING", "CONSULTANT", "FAMILY_DOCTOR", "DISPATCHER", "INST_ADMIN"];

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

function PrepareLabel() {
  const { t } = useTranslation("booking");
  return t("prepare.nav");
}
function WaitingLabel() {
  const { t } = useTranslation("booking");
  return t("waiting.nav");
}
function FeedsLabel() {
  const { t } = useTranslation("booking");
  return t("feeds.nav");
}
function FiguresLabel() {
  const { t } = useTranslation("booking");
  return t("figures.nav");
}

/** Appointments: the week, booking one, what is to be ready, who waits, one's hours and calendars, what can be booked, and what became of it. */
export const bookingRoutes: ScreenRoute[] = [
  {
    path: "/appointments",
    lazy: () => import("./WeekPage"),
    handle: {
      roles: everybody,
      density: "desk",
      nav: WeekLabel,
    },
  },
  {
    path: "/prepare",
    lazy: () => import("./PreparePage"),
    handle: {
      roles: ["NURSE", "ATTENDING"],
      in: { NURSE: "CARE", ATTENDING: "CARE" },
      density: "bedside",
      nav: PrepareLabel,
    },
  },
  {
    path: "/waiting-list",
    lazy: () => import("./WaitingPage"),
    handle: { roles: everybody, density: "desk", nav: WaitingLabel, seldom: true },
  },
  {
    path: "/calendar-feeds",
    lazy: () => import("./FeedsPage"),
    handle: { roles: everybody, density: "desk", nav: FeedsLabel, seldom: true },
  },
  {
    path: "/appointment-figures",
    lazy: () => import("./FiguresPage"),
    handle: { roles: ["DISPATCHER", "INST_ADMIN"], density: "desk", nav: FiguresLabel, seldom: true },
  },
  {
    path: "/booking/new",
    lazy: () => import("./BookPage"),
    handle: {
      roles: everybody,
      density: "desk",
    },
  },
  {
    path: "/hours",
    lazy: () => import("./HoursPage"),
    handle: {
      roles: ["NURSE", "ATTENDING", "CONSULTANT", "FAMILY_DOCTOR"],
      // In a medical institution nurses can be booked: they go to homes.
      in: { NURSE: "MEDICAL" },
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
