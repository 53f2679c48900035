import { useTranslation } from "react-i18next";
import type { ScreenRoute } from "../app/screen";

function ReferralsLabel() {
  const { t } = useTranslation("around");
  return t("referral.title");
}

function QualityLabel() {
  const { t } = useTranslation("around");
  return t("quality.title");
}

/** The screens around consultations. */
export const aroundRoutes: ScreenRoute[] = [
  {
    path: "/referrals",
    lazy: () => import("./ReferralsPage"),
    handle: {
      roles: ["NURSE", "ATTENDING", "CONSULTANT", "DISPATCHER", "INST_ADMIN"],
      density: "desk",
      nav: ReferralsLabel,
    },
  },
  {
    path: "/quality",
    lazy: () => import("./QualityPage"),
    handle: {
      roles: ["NURSE", "ATTENDING", "INST_ADMIN", "QC", "COMPLAINT_OFFICER", "SYS_ADMIN"],
      density: "desk",
      nav: QualityLabel,
    },
  },
];
