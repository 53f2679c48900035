import { Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { Page } from "../app/Page";
import { hasRole, useMe } from "../auth/useSession";
import { AdverseEvents } from "./AdverseEvents";
import { Complaints } from "./Complaints";
import { Reviews } from "./Reviews";
import { Suspicions } from "./Suspicions";
import { Workdays } from "./Workdays";

/** What went wrong, what may be contagious, what people complain of, what reports are worth: each role sees its part. */
function QualityPage() {
  const { t } = useTranslation("around");
  const me = useMe();
  // Quality control begins with what it alone does.
  const first = hasRole(me, "QC") && {
    key: "reviews",
    label: t("quality.reviews"),
    children: <Reviews />,
  };
  const tabs = [
    first,
    hasRole(me, "INST_ADMIN", "COMPLAINT_OFFICER", "NURSE", "ATTENDING") && {
      key: "complaints",
      label: t("quality.complaints"),
      children: <Complaints />,
    },
    hasRole(me, "NURSE", "ATTENDING", "INST_ADMIN", "QC") && {
      key: "adverse",
      label: t("quality.adverse"),
      children: <AdverseEvents />,
    },
    hasRole(me, "NURSE", "ATTENDING", "INST_ADMIN") && {
      key: "suspicions",
      label: t("quality.suspicions"),
      children: <Suspicions />,
    },
    !first &&
      hasRole(me, "INST_ADMIN") && {
        key: "reviews",
        label: t("quality.reviews"),
        children: <Reviews />,
      },
    hasRole(me, "SYS_ADMIN", "INST_ADMIN", "COMPLAINT_OFFICER") && {
      key: "workdays",
      label: t("quality.workdays"),
      children: <Workdays />,
    },
  ].filter((tab) => tab !== false);
  return (
    <Page title={t("quality.title")}>
      <Tabs items={tabs} destroyOnHidden />
    </Page>
  );
}
export { QualityPage as Component };
