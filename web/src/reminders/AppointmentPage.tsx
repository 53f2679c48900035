import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { type Schemas, useCommand, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { dayOf } from "../dates";
import { ReasonDialog, Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Notice } from "../theme";
import { Answers } from "./Answers";
import styles from "./Reminders.module.css";

type Appointment = Schemas["Appointment"];
type Cancel = Schemas["AppointmentCancelReason"];
const reasons = ["STAFF_AWAY", "UNWELL", "ADMITTED", "NOT_NEEDED", "OTHER"] as const;

/** Where the link of a reminder leads: one appointment, to be confirmed or cancelled in one tap. */
function AppointmentPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation("reminders");
  const one = useRead("/api/v1/appointments/{id}", { path: { id } });
  return (
    <Page title={t("one.title")}>
      <Loaded query={one}>{(a) => <Shown of={a} />}</Loaded>
    </Page>
  );
}
export { AppointmentPage as Component };

function Shown({ of }: { of: Appointment }) {
  const { t } = useTranslation(["reminders", "booking"]);
  const format = useFormat();
  const now = useServerNow(60_000);
  const navigate = useNavigate();
  const { query } = useServices();
  const [asking, setAsking] = useState(false);
  const again = () => {
    for (const key of ["/api/v1/appointments", "/api/v1/appointments/{id}"])
      void query.invalidateQueries({ queryKey: [key] });
  };
  const path = { id: of.id };
  const acknowledge = useCommand("post", "/api/v1/appointments/{id}/acknowledge", { onSuccess: again });
  const cancel = useCommand("post", "/api/v1/appointments/{id}/cancel", {
    onSuccess: () => {
      again();
      setAsking(false);
    },
  });
  return (
    <div className={styles.stack}>
      <section className={styles.card}>
        <span className={styles.time}>
          {format.day(of.startsAt, now)} {format.clock(of.startsAt)}–{format.clock(of.endsAt)}
        </span>
        <span>
          <strong>{of.residentName}</strong> {of.residentOrganisationName} {of.ward} {of.bed}
        </span>
        <span>
          {of.kindName} · {t(`booking:place.${of.place}`)} · {of.staff.map((s) => s.name).join("、")}
        </span>
        <Answers of={of.answers} />
        {of.status !== "BOOKED" && <Notice kind="caution">{t("one.gone")}</Notice>}
        <Refused error={acknowledge.error} />
        <span className={styles.acts}>
          {of.may.includes("ACKNOWLEDGE") && (
            <Button
              type="primary"
              size="large"
              loading={acknowledge.isPending}
              onClick={() => acknowledge.mutate({ path, body: { revision: of.revision } })}
            >
              {t("one.acknowledge")}
            </Button>
          )}
          {of.may.includes("CANCEL") && (
            <Button danger size="large" onClick={() => setAsking(true)}>
              {t("one.cancel")}
            </Button>
          )}
          <Button size="large" onClick={() => void navigate(`/appointments?week=${dayOf(of.startsAt)}`)}>
            {t("one.week")}
          </Button>
        </span>
      </section>
      {asking && (
        <ReasonDialog
          title={t("one.cancelTitle")}
          danger
          reasons={reasons.map((value) => ({ value, label: t(`one.reasons.${value}`) }))}
          reasonsLabel={t("one.why")}
          act={t("one.cancel")}
          busy={cancel.isPending}
          error={cancel.error}
          onClose={() => setAsking(false)}
          onSend={({ reason, words }) =>
            cancel.mutate({
              path,
              body: { revision: of.revision, reason: reason as Cancel, ...(words ? { note: words } : {}) },
            })
          }
        />
      )}
    </div>
  );
}
