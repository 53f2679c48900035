import { AlertOutlined, DashboardOutlined, SolutionOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { type Consultation, useRead } from "../../api";
import { Loaded } from "../../app/Loaded";
import { useTitle } from "../../app/Page";
import { BookedHere } from "../../booking/BookHere";
import { CallStage, ChatPanel, useCall, useUnreadMessages } from "../../call";
import { useEmergency } from "../emergency/context";
import { EmergencyProvider } from "../emergency/EmergencyProvider";
import { can, progressOf } from "../request/progress";
import { usePhotoUpload } from "../vitals/PhotoStrip";
import { VitalsGrid } from "../vitals/VitalsGrid";
import { AttendingHere, CheckInSheet } from "../../life/CheckIn";
import { HandedOver } from "../../life/HandOver";
import { RoundBar } from "../../round/RoundBar";
import { useFollowRound } from "../../round/useRound";
import styles from "./NurseCall.module.css";
import { Paused } from "./Paused";
import { ReadBackCards } from "./ReadBackCards";
import { StageButton } from "./StageButton";
import { Dialog, Refused } from "../../dialog";

/** The call at the bedside: the doctor fills the screen. The nurse may leave, only the doctor ends it for all. */
function NurseCallPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation("bedside");
  const request = useRead("/api/v1/consultations/{id}", { path: { id } });
  useTitle(t("nurseCall.title"));
  return (
    <div className={styles.page}>
      <Loaded query={request}>{(c) => <InCall key={c.id} c={c} />}</Loaded>
    </div>
  );
}
export { NurseCallPage as Component };

function InCall({ c }: { c: Consultation }) {
  const { t } = useTranslation(["bedside", "life", "common"]);
  const navigate = useNavigate();
  const call = useCall();
  const { enter, leave } = call;
  const [sheet, setSheet] = useState<"chat" | "vitals" | "attending">();
  const unread = useUnreadMessages(c.id, sheet === "chat");
  const photo = usePhotoUpload(c.id);
  const progress = progressOf(c.state);
  // A planned one begins from here.
  const withdrawn = c.consent?.withdrawnAt !== undefined && !can(c, "getTicket");
  const round = useFollowRound(c);
  const here = (progress === "answered" && !withdrawn) || (progress === "planned" && can(c, "getTicket"));
  const back = `/ward/requests/${c.id}`;
  const own = call.consultationId === c.id;
  const ended = own && call.phase === "ended";
  // After the doctor ended a call, a new one has another id: then the nurse is back in without a tap.
  const again = ended && c.callId !== undefined && c.callId !== call.callId;

  useEffect(() => {
    if (here)
      void enter(c.id, { path: `/ward/requests/${c.id}/call`, ...(c.callId ? { callId: c.callId } : {}) });
  }, [enter, here, c.id, c.callId]);
  useEffect(() => {
    if (again) void enter(c.id, { path: `/ward/requests/${c.id}/call` });
  }, [again, enter, c.id]);
  useEffect(() => {
    if (here) return;
    // In a round the call goes on with the next resident; the round's page knows whose turn it is.
    if (c.roundId) {
      void navigate(`/rounds/${c.roundId}`, { replace: true, state: { from: c.id } });
      return;
    }
    leave();
    void navigate(back, { replace: true });
  }, [here, leave, navigate, back, c.roundId, c.id]);

  if (!here) return null;
  const close = () => setSheet(undefined);
  return (
    <EmergencyProvider c={c}>
      <CallStage
        size="bedside"
        expected={c.doctor?.name}
        describe={(person) =>
          person.userId === c.doctor?.id
            ? [c.doctor.title, c.doctor.department, c.doctor.organisation].filter(Boolean).join(" · ")
            : undefined
        }
        onLeave={() => void navigate(`${back}?left=1`, { replace: true })}
        onPhoto={photo.send}
        onChat={() => setSheet("chat")}
        unread={unread}
        actions={
          <>
            <StageButton
              icon={<DashboardOutlined />}
              label={t("nurseCall.vitals")}
              onClick={() => setSheet("vitals")}
            />
            {can(c, "checkIn") && (
              <StageButton
                icon={<SolutionOutlined />}
                label={t("life:checkIn.inCall")}
                onClick={() => setSheet("attending")}
              />
            )}
            <Emergency />
          </>
        }
      >
        {c.checkIns?.some((one) => !one.until) && (
          <div className={styles.card}>
            <AttendingHere c={c} />
          </div>
        )}
        <div className={styles.ofRound}>
          <RoundBar round={round} />
        </div>
        <HandedOver c={c} />
        <ReadBackCards c={c} />
        <BookedHere c={c} className={styles.card} />
        {c.pausedSince && (
          <div className={styles.card}>
            <Paused c={c} />
          </div>
        )}
        {/* Continued elsewhere: the stage says so itself. */}
        {own && !call.active && call.phase !== "elsewhere" && (
          <div className={styles.card}>
            <p>{ended ? t("nurseCall.ended", { name: c.doctor?.name ?? "" }) : t("nurseCall.cannotEnter")}</p>
            <Button onClick={() => void navigate(`${back}?left=1`, { replace: true })}>
              {t("nurseCall.toCard")}
            </Button>
          </div>
        )}
        {(photo.busy || photo.error) && (
          <div className={styles.card} role="status">
            {photo.busy ? t("nurseCall.photoOnItsWay") : <Refused error={photo.error} />}
            {photo.failed && !photo.busy && (
              <Button onClick={() => photo.failed && photo.send(photo.failed)}>
                {t("common:actions.retry")}
              </Button>
            )}
          </div>
        )}
      </CallStage>
      <CheckInSheet c={c} open={sheet === "attending"} onClose={close} stream={call.own.picture} />
      <Dialog
        width="wide"
        open={sheet === "chat"}
        title={t("waiting.messages")}
        onClose={close}
        footer={<Button onClick={close}>{t("common:actions.close")}</Button>}
      >
        <div className={styles.chat}>
          <ChatPanel consultationId={c.id} />
        </div>
      </Dialog>
      <Dialog
        open={sheet === "vitals"}
        title={t("nurseCall.vitals")}
        width="widest"
        onClose={close}
        footer={<Button onClick={close}>{t("nurseCall.backToCall")}</Button>}
      >
        <VitalsGrid c={c} />
      </Dialog>
    </EmergencyProvider>
  );
}

function Emergency() {
  const { t } = useTranslation("bedside");
  const emergency = useEmergency();
  return (
    <StageButton
      danger
      icon={<AlertOutlined />}
      label={t("emergency.button")}
      onClick={() => emergency.open()}
    />
  );
}
