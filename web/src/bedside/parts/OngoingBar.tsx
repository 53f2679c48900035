import { EditOutlined, PhoneFilled, VideoCameraOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { type LogRow, useCatalogue, useRead } from "../../api";
import { hasRole, useMe } from "../../auth/useSession";
import { useCall, useRingtone } from "../../call";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { isOngoing, progressOf } from "../request/progress";
import styles from "./Ongoing.module.css";

/** On every page of a nurse, or of who visits: the own request that waits or was answered, and the way back to it. It rings when a doctor answers. */
export function OngoingBar() {
  return hasRole(useMe(), "NURSE", "ATTENDING", "FAMILY_DOCTOR") ? <Bar /> : null;
}

function Bar() {
  const me = useMe();
  const call = useCall();
  const { pathname } = useLocation();
  const { data } = useRead("/api/v1/worklist");
  const own = (data?.active ?? []).filter(
    (row) =>
      isOngoing(row.state) &&
      (row.nurseId === undefined || row.nurseId === me.id) &&
      // On its own pages it is in view, and a running call has a bar of its own.
      !pathname.startsWith(`/ward/requests/${row.id}`) &&
      !(call.active && call.consultationId === row.id),
  );
  return own.map((row) => <Row key={row.id} of={row} />);
}

function Row({ of }: { of: LogRow }) {
  const { t } = useTranslation("bedside");
  const navigate = useNavigate();
  const format = useFormat();
  const { labels } = useCatalogue();
  const now = useServerNow();
  const { ring, stop } = useRingtone();
  const answered = progressOf(of.state) === "answered";
  // A written question is answered by a report: nothing to go into.
  const written = of.mode === "WRITTEN";
  const fresh = !written && (of.state === "ACCEPTED" || of.state === "WAITING");
  useEffect(() => {
    if (fresh) ring();
    else stop();
  }, [fresh, ring, stop]);

  const who = t("resident.bedAndName", { bed: of.bed, name: of.residentName });
  const since = of.submittedAt ?? of.createdAt;
  return (
    <div className={styles.bar} data-answered={answered} role="status">
      {written ? (
        <EditOutlined aria-hidden />
      ) : answered ? (
        <PhoneFilled aria-hidden />
      ) : (
        <VideoCameraOutlined aria-hidden />
      )}
      <span className={styles.words}>
        <strong>
          {answered
            ? t(written ? "ongoing.writing" : "ongoing.answered", { name: of.doctor ?? "", who })
            : t("ongoing.waiting", { who, reasons: labels("reasons", of.reasons).join("、") })}
        </strong>
        {!answered && (
          <span aria-hidden>
            {t("waiting.elapsed", { span: format.span((now.getTime() - Date.parse(since)) / 1000) })}
          </span>
        )}
      </span>
      <Button
        type="primary"
        onClick={() => void navigate(`/ward/requests/${of.id}${answered && !written ? "/call" : ""}`)}
      >
        {answered && !written ? t("ongoing.enter") : t("ongoing.back")}
      </Button>
    </div>
  );
}
