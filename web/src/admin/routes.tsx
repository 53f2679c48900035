import { useTranslation } from "react-i18next";
import type { ScreenRoute } from "../app/screen";

/** A plain label in the main menu, where words are short. */
function label(key: "log" | "people" | "roster" | "notify" | "system" | "codes") {
  return function Label() {
    const { t } = useTranslation("admin");
    return t(`nav.${key}`);
  };
}

function RulesLabel() {
  const { t } = useTranslation("rules");
  return t("rules.nav");
}

function SealedLabel() {
  const { t } = useTranslation("life");
  return t("seal.page");
}

/** The screens of administrators and authorities. */
export const adminRoutes: ScreenRoute[] = [
  {
    path: "/log",
    lazy: () => import("./LogPage"),
    handle: {
      roles: ["INST_ADMIN", "NURSE", "ATTENDING", "FAMILY_DOCTOR", "CONSULTANT", "QC"],
      seldom: ["FAMILY_DOCTOR"],
      density: "desk",
      nav: label("log"),
    },
  },
  {
    path: "/consultations/:id",
    lazy: () => import("./RecordPage"),
    handle: {
      roles: ["INST_ADMIN", "NURSE", "ATTENDING", "FAMILY_DOCTOR", "CONSULTANT", "QC"],
      density: "desk",
    },
  },
  {
    path: "/consultations/:id/application",
    lazy: () => import("../life/ApplicationPage"),
    handle: {
      roles: ["INST_ADMIN", "NURSE", "ATTENDING", "FAMILY_DOCTOR", "CONSULTANT", "QC"],
      density: "desk",
    },
  },
  {
    path: "/rules",
    lazy: () => import("../rules/RulesPage"),
    handle: {
      roles: ["INST_ADMIN", "SYS_ADMIN", "REG_COUNTY", "REG_LEAGUE", "REG_REGION"],
      seldom: true,
      density: "desk",
      nav: RulesLabel,
    },
  },
  {
    path: "/sealed",
    lazy: () => import("../life/SealedPage"),
    handle: { roles: ["INST_ADMIN"], seldom: true, density: "desk", nav: SealedLabel },
  },
  {
    path: "/roster",
    lazy: () => import("./roster/RosterPage"),
    handle: {
      roles: ["INST_ADMIN", "ATTENDING", "CONSULTANT", "NURSE"],
      density: "desk",
      nav: label("roster"),
    },
  },
  {
    path: "/people",
    lazy: () => import("./PeoplePage"),
    handle: {
      roles: ["INST_ADMIN", "SYS_ADMIN", "SEC_ADMIN"],
      seldom: true,
      density: "desk",
      nav: label("people"),
    },
  },
  {
    path: "/system",
    lazy: () => import("./SystemPage"),
    handle: {
      roles: ["INST_ADMIN", "SYS_ADMIN", "SEC_ADMIN"],
      seldom: true,
      density: "desk",
      nav: label("system"),
    },
  },
  {
    path: "/codes",
    lazy: () => import("./codes/CodesPage"),
    handle: { roles: ["SYS_ADMIN"], seldom: true, density: "desk", nav: label("codes") },
  },
  {
    path: "/channels",
    lazy: () => import("./notify/ChannelsPage"),
    handle: { roles: ["INST_ADMIN", "SYS_ADMIN"], seldom: true, density: "desk", nav: label("notify") },
  },
  // In the account's own menu.
  { path: "/invitations", lazy: () => import("../life/InvitationsPage"), handle: { density: "desk" } },
  { path: "/security", lazy: () => import("../life/SecurityPage"), handle: { density: "desk" } },
  {
    path: "/check-in",
    lazy: () => import("../life/CheckInPage"),
    handle: { roles: ["ATTENDING", "FAMILY_DOCTOR"], density: "desk" },
  },
  {
    path: "/notifications",
    lazy: () => import("./notify/NotificationsPage"),
    handle: { density: "desk" },
  },
];
