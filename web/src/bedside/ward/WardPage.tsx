import { UserAddOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { Page } from "../../app/Page";
import { hasRole, useMe } from "../../auth/useSession";
import { UnsentRequests } from "../request/Unsent";
import { DutyStrip } from "./DutyStrip";
import { ResidentGrid } from "./ResidentGrid";
import { TasksStrip } from "./TasksStrip";

/** The nurse's home: who is on duty first, then what waits for her, then people. */
function WardPage() {
  const { t } = useTranslation("bedside");
  const navigate = useNavigate();
  const me = useMe();
  return (
    <Page
      title={t("ward.title")}
      actions={
        hasRole(me, "NURSE") && (
          <Button icon={<UserAddOutlined aria-hidden />} onClick={() => void navigate("/ward/residents/new")}>
            {t("ward.add")}
          </Button>
        )
      }
    >
      <UnsentRequests />
      <DutyStrip />
      <TasksStrip />
      <ResidentGrid />
    </Page>
  );
}
export { WardPage as Component };
