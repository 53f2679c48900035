import { Badge } from "antd";
import { useTranslation } from "react-i18next";
import { useRead } from "../api";
import type { ScreenRoute } from "../app/screen";

function ReferralsLabel() {
  const { t } = useTranslation("around");
  return t("referral.title");
}

function QualityLabel() {
  const { t } = useTranslation("around");
  return t("quality.title");
}

/** ms; nurses enter prescriptions at any time. */
const lookAgain = 60_000;

/** How much waits for the pharmacist. */
function PrescriptionsLabel() {
  const { t } = useTranslation("around");
  const { data } = useRead("/api/v1/prescriptions", {}, { refetchInterval: lookAgain });
  const n = data?.filter((r) => r.state === "ASKED").length ?? 0;
  return (
    <Badge count={n} size="small" offset={[8, 0]}>
      <span style={{ color: "inherit", fontSize: "inherit" }}>{t("rx.nav")}</span>
      {n > 0 && <span className="visually-hidden">{t("rx.navCount", { n })}</span>}
    </Badge>
  );
}

/** The screens around consultations. */
export const aroundRoutes: ScreenRoute[] = [
  {
    path: "/referrals",
    lazy: () => import("./ReferralsPage"),
    handle: {
      roles: ["NURSE", "ATTENDING", "FAMILY_DOCTOR", "CONSULTANT", "DISPATCHER", "INST_ADMIN"],
      density: "desk",
      nav: ReferralsLabel,
    },
  },
  {
    path: "/prescriptions",
    lazy: () => import("./PrescriptionsPage"),
    handle: { roles: ["PHARMACIST"], density: "desk", nav: PrescriptionsLabel },
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
