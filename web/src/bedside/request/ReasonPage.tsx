import { AlertOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useNavigate, useParams } from "react-router";
import { type Consultation, type ResidentCard, useCatalogue, useCommand, useRead } from "../../api";
import { Loaded } from "../../app/Loaded";
import { ResidentHead } from "../parts/ResidentHead";
import { ReasonChips } from "./ReasonChips";
import styles from "./Request.module.css";
import { RequestFrame } from "./RequestFrame";
import { Steps } from "./Steps";
import { useRequestSection } from "./useRequestSection";
import { Refused } from "../../dialog";

/** The second tap: why. The draft is on the server from here on, under an id that was made on this tablet. */
function ReasonPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation("bedside");
  const resident = useRead("/api/v1/residents/{id}", { path: { id } });
  return (
    <RequestFrame title={t("reason.title")}>
      <Loaded query={resident}>
        {({ card }) =>
          card.openConsultationId ? (
            <Navigate to={`/ward/requests/${card.openConsultationId}`} replace />
          ) : (
            <Begin of={card} />
          )
        }
      </Loaded>
    </RequestFrame>
  );
}
export { ReasonPage as Component };

function Begin({ of }: { of: ResidentCard }) {
  const { t } = useTranslation("bedside");
  const { catalogue } = useCatalogue();
  const navigate = useNavigate();
  // One id for this visit of the page: pressing again after a lost answer makes no second draft.
  const [draftId] = useState(() => crypto.randomUUID());
  const update = useRequestSection(draftId);
  const [tapped, setTapped] = useState("");
  const create = useCommand("post", "/api/v1/consultations");

  const begin = async (reason: string, query: string) => {
    setTapped(reason);
    let draft: Consultation;
    try {
      draft = await create.mutateAsync({
        body: { id: draftId, residentId: of.id, reasons: [reason], redFlags: [] },
      });
    } catch {
      return; // said below the chips
    }
    void navigate(`/ward/requests/${draft.id}?${query}`, { replace: true });
    // The answer to an earlier press got lost and another chip was pressed since.
    if (!draft.reasons.includes(reason)) void update(() => ({ reasons: [reason] }));
  };

  return (
    <>
      <div className={styles.top}>
        <ResidentHead of={of} most={4} />
        <div className={styles.topActions}>
          <Button
            danger
            icon={<AlertOutlined aria-hidden />}
            disabled={create.isPending}
            onClick={() => void begin("OTHER", "step=vitals&emergency=1")}
          >
            {t("emergency.button")}
          </Button>
          <Button onClick={() => void navigate("/ward")}>{t("resident.toWard")}</Button>
        </div>
      </div>
      <Steps now="reason" />
      <p className={styles.question}>{t("reason.question")}</p>
      <ReasonChips
        reasons={catalogue?.reasons}
        chosen={create.isPending ? [tapped] : []}
        disabled={create.isPending}
        onToggle={(code) => void begin(code, "step=vitals")}
      />
      <Refused error={create.error} />
    </>
  );
}
