import { AlertOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useNavigate, useParams } from "react-router";
import { type Consultation, type ResidentCard, useCatalogue, useCommand, useRead } from "../../api";
import { Loaded } from "../../app/Loaded";
import { brief, useLasting } from "../../app/useLasting";
import { ResidentHead } from "../parts/ResidentHead";
import { AwayRequest } from "./AwayRequest";
import { ReasonChips } from "./ReasonChips";
import styles from "./Request.module.css";
import { RequestFrame } from "./RequestFrame";
import { Steps } from "./Steps";
import { useRequestSection } from "./useRequestSection";
import { Refused } from "../../dialog";
import { useAway } from "../../offline/useOffline";
import { Notice } from "../../theme";

/** The second tap: why. The draft is on the server from here on, under an id that was made on this tablet. */
function ReasonPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation("bedside");
  const away = useAway();
  // What is being composed without network is not taken away by a network that comes back.
  const [composing, setComposing] = useState(away);
  const lasting = useLasting(away, brief);
  if (lasting && !composing) setComposing(true);
  // One id for this visit of the page, also when the network goes while the draft is on its way: no second draft comes of it.
  const [draftId] = useState(() => crypto.randomUUID());
  const resident = useRead("/api/v1/residents/{id}", { path: { id } }, { enabled: !composing });
  const ward = useRead("/api/v1/residents", {}, { enabled: composing });
  if (composing) {
    return (
      <RequestFrame title={t("reason.title")}>
        <Loaded query={ward}>
          {(cards) => {
            const card = cards.find((one) => one.id === id);
            if (card?.openConsultationId)
              return <Navigate to={`/ward/requests/${card.openConsultationId}`} replace />;
            return card ? (
              <AwayRequest of={card} requestId={draftId} />
            ) : (
              <Notice kind="caution">{t("away.unknown")}</Notice>
            );
          }}
        </Loaded>
      </RequestFrame>
    );
  }
  return (
    <RequestFrame title={t("reason.title")}>
      <Loaded query={resident}>
        {({ card }) =>
          card.openConsultationId ? (
            <Navigate to={`/ward/requests/${card.openConsultationId}`} replace />
          ) : (
            <Begin of={card} draftId={draftId} />
          )
        }
      </Loaded>
    </RequestFrame>
  );
}
export { ReasonPage as Component };

function Begin({ of, draftId }: { of: ResidentCard; draftId: string }) {
  const { t } = useTranslation("bedside");
  const { catalogue } = useCatalogue();
  const navigate = useNavigate();
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
