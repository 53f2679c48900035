import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { ActionBar } from "../bedside/parts/Panel";
import { ResidentHead } from "../bedside/parts/ResidentHead";
import styles from "./Around.module.css";
import { Allergies } from "./Allergies";
import { Assessments } from "./Assessments";
import { Documents } from "./Documents";
import { Medications } from "./Medications";

/** What surrounds a resident's care: medicines, allergies, assessments, documents. */
function CareFilePage() {
  const { id = "" } = useParams();
  const { t } = useTranslation("around");
  const navigate = useNavigate();
  const resident = useRead("/api/v1/residents/{id}", { path: { id } });
  const file = useRead("/api/v1/residents/{id}/care-file", { path: { id } });
  return (
    <Page title={t("file.title")}>
      {resident.data && <ResidentHead of={resident.data.card} />}
      <Loaded query={file}>
        {(data) => (
          <div className={styles.columns}>
            <div className={styles.stack}>
              <Medications of={data} residentId={id} />
              <Documents of={data.documents} />
            </div>
            <div className={styles.stack}>
              <Allergies of={data} residentId={id} />
              <Assessments of={data} residentId={id} />
            </div>
          </div>
        )}
      </Loaded>
      <ActionBar>
        <Button size="large" onClick={() => void navigate(`/ward/residents/${id}`)}>
          {t("file.back")}
        </Button>
      </ActionBar>
    </Page>
  );
}
export { CareFilePage as Component };
