import { useTranslation } from "react-i18next";
import type { ScreenRoute } from "../app/screen";

function RemindersLabel() {
  const { t } = useTranslation("reminders");
  return t("nav");
}
function SettingsLabel() {
  const { t } = useTranslation("reminders");
  return t("settingsNav");
}

/** Reminders of appointments: whom a person has to tell, what is told, and one appointment to confirm. The family's page stands outside of the sign-in. */
export const reminderRoutes: ScreenRoute[] = [
  {
    path: "/reminders",
    lazy: () => import("./RemindersPage"),
    handle: {
      roles: ["NURSE", "ATTENDING", "FAMILY_DOCTOR"],
      density: "desk",
      nav: RemindersLabel,
      seldom: true,
    },
  },
  {
    path: "/appointments/:id",
    lazy: () => import("./AppointmentPage"),
    handle: {
      roles: ["NURSE", "ATTENDING", "CONSULTANT", "FAMILY_DOCTOR", "DISPATCHER", "INST_ADMIN"],
      density: "desk",
    },
  },
  {
    path: "/reminder-settings",
    lazy: () => import("./SettingsPage"),
    handle: { roles: ["DISPATCHER", "INST_ADMIN"], density: "desk", nav: SettingsLabel, seldom: true },
  },
];
