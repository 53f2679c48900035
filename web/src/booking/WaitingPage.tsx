import { Button, Checkbox } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServerNow } from "../clock/useServerNow";
import { Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import { HoldLeft, useBookingRefresh } from "./AppointmentDialog";
import styles from "./Booking.module.css";

/** Who waits for a time that is not free, and what is kept for them just now. */
function WaitingPage() {
  const { t } = useTranslation("booking");
  const [ended, setEnded] = useState(false);
  const list = useRead(
    "/api/v1/waiting-list",
    { query: { ended } },
    { keepPrevious: true, refetchInterval: 60_000 },
  );
  return (
    <Page title={t("waiting.title")}>
      <Checkbox checked={ended} onChange={(e) => setEnded(e.target.checked)}>
        {t("waiting.ended")}
      </Checkbox>
      <Loaded query={list}>
        {(rows) =>
          rows.length === 0 ? (
            <p className={styles.quiet}>{t("waiting.none")}</p>
          ) : (
            <ul className={styles.list}>
              {rows.map((w) => (
                <Entry key={w.id} of={w} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  );
}
export { WaitingPage as Component };

function Entry({ of }: { of: Schemas["WaitingEntry"] }) {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const now = useServerNow(60_000);
  const again = useBookingRefresh();
  const leave = useCommand("post", "/api/v1/waiting-list/{id}/leave", { onSuccess: again });
  const confirm = useCommand("post", "/api/v1/appointments/{id}/confirm", { onSuccess: again });
  const kept = of.status === "OFFERED" ? of.appointmentId : undefined;
  return (
    <li>
      <span>
        <strong>{of.residentName}</strong> {of.kindName}{" "}
        {of.practitionerName ?? <span className={styles.quiet}>{t("new.anyone")}</span>}{" "}
        <span className={styles.quiet}>
          {t("waiting.span", { from: format.day(of.earliest, now), to: format.day(of.latest, now) })}
          {of.declined > 0 && ` · ${t("waiting.declined", { n: of.declined })}`}
        </span>
        <br />
        <Tone kind={of.status === "OFFERED" ? "caution" : of.status === "BOOKED" ? "good" : "muted"}>
          {t(`waiting.status.${of.status}`)}
          {kept && of.offeredStart && (
            <>
              {" "}
              {format.day(of.offeredStart, now)} {format.clock(of.offeredStart)}{" "}
              {of.offerExpiresAt && <HoldLeft until={of.offerExpiresAt} />}
            </>
          )}
        </Tone>
        <Refused error={leave.error ?? confirm.error} />
      </span>
      <span className={styles.acts}>
        {kept && (
          <Button
            type="primary"
            loading={confirm.isPending}
            onClick={() => confirm.mutate({ path: { id: kept } })}
          >
            {t("waiting.take")}
          </Button>
        )}
        {of.mayLeave && (
          <Button loading={leave.isPending} onClick={() => leave.mutate({ path: { id: of.id } })}>
            {t("waiting.leave")}
          </Button>
        )}
      </span>
    </li>
  );
}
