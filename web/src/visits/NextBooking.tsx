import { CalendarOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRead } from "../api";
import { useServices } from "../app/services";
import { useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { MomentPicker } from "../dates";
import { Dialog } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { useActs, useAway } from "../offline/useOffline";
import { Notice } from "../theme";
import type { Visit } from "./parts";
import styles from "./Visits.module.css";

/**
 * The next appointment, agreed on at the bedside. Without network a time is only requested: it is booked, or refused with other
 * times, when the server can be reached. Where there is network one books as everywhere else.
 */
export function NextBooking({ of }: { of: Visit }) {
  const { t } = useTranslation("offline");
  const [asking, setAsking] = useState(false);
  const away = useAway();
  const format = useFormat();
  const now = useServerNow(60_000);
  const acts = useActs("visit", of.id);
  const there = ["ARRIVED", "LEFT", "DONE"].includes(of.state);
  const asked = acts.filter((act) => act.kind === "BOOKING" && act.state === "WAITING");
  if (!there || (!away && asked.length === 0)) return null;
  return (
    <>
      {asked.map(
        (act) =>
          act.kind === "BOOKING" && (
            <Notice key={act.id} kind="paused">
              {t("booking.requested", { kind: act.kindName, at: format.moment(act.body.startsAt, now) })}
            </Notice>
          ),
      )}
      {away && (
        <span className={styles.acts}>
          <Button icon={<CalendarOutlined aria-hidden />} onClick={() => setAsking(true)}>
            {t("booking.ask")}
          </Button>
        </span>
      )}
      {asking && <Ask of={of} onClose={() => setAsking(false)} />}
    </>
  );
}

function Ask({ of, onClose }: { of: Visit; onClose: () => void }) {
  const { t } = useTranslation("offline");
  const me = useMe();
  const { offline } = useServices();
  const away = useAway();
  const kinds = (useRead("/api/v1/appointment-kinds").data ?? []).filter(
    (kind) => kind.mayBook && !kind.retired && kind.organisationId === of.organisationId,
  );
  const [chosen, setChosen] = useState<string>();
  const [at, setAt] = useState<string>();
  const [failed, setFailed] = useState<unknown>();
  const kind =
    kinds.find((one) => one.id === chosen) ?? kinds.find((one) => one.place === "HOME") ?? kinds[0];
  const send = async () => {
    if (!kind || !at) return;
    try {
      await offline.act({
        kind: "BOOKING",
        about: { kind: "visit", id: of.id },
        who: of.residentName,
        kindName: kind.name,
        body: { kindId: kind.id, practitionerId: me.id, residentId: of.residentId, startsAt: at },
      });
      onClose();
    } catch (error) {
      setFailed(error);
    }
  };
  return (
    <Dialog
      title={t("booking.title")}
      act={t("booking.send")}
      ready={kind !== undefined && at !== undefined}
      error={failed}
      onClose={onClose}
      onAct={() => void send()}
    >
      <p>{t(away ? "booking.hint" : "booking.hintNow")}</p>
      <label className={styles.field}>
        {t("booking.kind")}
        <Select
          value={kind?.id ?? null}
          onChange={(value) => setChosen(value ?? undefined)}
          options={kinds.map((one) => ({ value: one.id, label: one.name }))}
        />
      </label>
      <label className={styles.field} htmlFor="next-at">
        {t("booking.at")}
        <MomentPicker id="next-at" value={at ?? null} onChange={setAt} />
      </label>
    </Dialog>
  );
}
