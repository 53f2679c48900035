import { LoginOutlined, LogoutOutlined, SolutionOutlined } from "@ant-design/icons";
import { Button, Input, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, type Schemas, useCommand, useRead } from "../api";
import { Choice, Choices } from "../bedside/parts/Choice";
import { CodeScanner } from "../call";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Life.module.css";
import { Dialog, Refused } from "../dialog";

type CheckIn = Schemas["CheckIn"];

/** Which attending doctor is at the bedside, for both sides; nothing while nobody checked in. */
export function AttendingHere({ c }: { c: Consultation }) {
  const { t } = useTranslation("life");
  const here = (c.checkIns ?? []).filter((one) => !one.until);
  if (here.length === 0) return null;
  return (
    <Tone kind="good" icon={<SolutionOutlined aria-hidden />}>
      {t("checkIn.here", { name: here.map((one) => one.name).join(t("separator")) })}
    </Tone>
  );
}

/** All check-ins with the time that counts. */
export function CheckInList({ of }: { of: CheckIn[] }) {
  const { t } = useTranslation("life");
  const format = useFormat();
  const now = useServerNow(60_000);
  return (
    <ul className={styles.plain}>
      {of.map((one) => (
        <li key={one.id}>
          <strong>{one.name}</strong>{" "}
          {t("checkIn.span", {
            method: t(`checkIn.methods.${one.method}`),
            from: format.moment(one.since, now),
            to: one.until ? format.moment(one.until, now) : t("checkIn.now"),
            present: format.span(one.presentSeconds),
          })}
        </li>
      ))}
    </ul>
  );
}

/** What the doctor's screen shows as a picture: who it is, and the code for one check-in. */
export function checkInText(userId: string, code: string): string {
  return `${prefix}${userId}:${code}`;
}
const prefix = "lianzhen:check-in:";

function readCheckIn(text: string): { userId: string; code: string } | undefined {
  if (!text.startsWith(prefix)) return undefined;
  const [userId = "", code = ""] = text.slice(prefix.length).split(":");
  return userId && /^\d{8}$/.test(code) ? { userId, code } : undefined;
}

const ways = ["SCAN", "PIN", "QR"] as const;
type Way = (typeof ways)[number];

/** The sheet on the tablet: who is there, and for who comes the camera at the doctor's screen, a PIN, or the digits of the code. */
export function CheckInSheet({
  c,
  open,
  onClose,
  stream,
}: {
  c: Consultation;
  open: boolean;
  onClose: () => void;
  /** the camera that is on already, in a call */
  stream?: MediaStream | undefined;
}) {
  const { t } = useTranslation(["life", "common"]);
  const query = useRead("/api/v1/consultations/{id}/check-ins", { path: { id: c.id } }, { enabled: open });
  const attendings = query.data?.attendings ?? [];
  const here = (c.checkIns ?? []).filter((one) => !one.until);
  const [userId, setUserId] = useState<string>();
  const [way, setWay] = useState<Way>("SCAN");
  const [code, setCode] = useState("");
  const [foreign, setForeign] = useState(false);
  const chosen = userId ?? attendings.find((one) => one.onDuty)?.userId ?? attendings[0]?.userId;
  const enter = useCommand("post", "/api/v1/consultations/{id}/check-ins", {
    onSuccess: () => {
      setCode("");
      onClose();
    },
  });
  const leave = useCommand("post", "/api/v1/consultations/{id}/check-outs");
  const scanned = (text: string) => {
    const read = readCheckIn(text);
    setForeign(!read);
    if (read && !enter.isPending)
      enter.mutate({ path: { id: c.id }, body: { userId: read.userId, method: "QR", code: read.code } });
  };
  return (
    <Dialog
      width="wide"
      open={open}
      title={t("checkIn.title")}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("common:actions.close")}</Button>
          {way !== "SCAN" && (
            <Button
              type="primary"
              icon={<LoginOutlined aria-hidden />}
              loading={enter.isPending}
              disabled={!chosen || code.length < (way === "PIN" ? 6 : 8)}
              onClick={() =>
                chosen && enter.mutate({ path: { id: c.id }, body: { userId: chosen, method: way, code } })
              }
            >
              {t("checkIn.enter")}
            </Button>
          )}
        </>
      }
    >
      <div className={styles.dialog}>
        <p>{t("checkIn.body")}</p>
        {here.map((one) => (
          <p key={one.id} className={styles.acts}>
            <strong>{t("checkIn.here", { name: one.name })}</strong>
            <Button
              icon={<LogoutOutlined aria-hidden />}
              loading={leave.isPending}
              onClick={() => leave.mutate({ path: { id: c.id }, body: { checkInId: one.id } })}
            >
              {t("checkIn.leave")}
            </Button>
          </p>
        ))}
        {query.data && attendings.length === 0 && <Tone kind="caution">{t("checkIn.nobody")}</Tone>}
        <Segmented<Way>
          size="large"
          block
          aria-label={t("checkIn.how")}
          value={way}
          onChange={(value) => {
            setWay(value);
            setCode("");
          }}
          options={ways.map((value) => ({ value, label: t(`checkIn.by.${value}`) }))}
        />
        {way === "SCAN" ? (
          <>
            <p className={styles.quiet}>{t("checkIn.scanHint")}</p>
            <CodeScanner onCode={scanned} stream={stream} />
            {foreign && (
              <span role="alert">
                <Tone kind="caution">{t("checkIn.foreign")}</Tone>
              </span>
            )}
          </>
        ) : (
          <>
            <Choices label={t("checkIn.who")}>
              {attendings.map((one) => (
                <Choice
                  key={one.userId}
                  chosen={chosen === one.userId}
                  onClick={() => setUserId(one.userId)}
                  hint={one.onDuty ? t("checkIn.onDuty") : undefined}
                >
                  {one.name}
                </Choice>
              ))}
            </Choices>
            <label className={styles.field}>
              {t(`checkIn.code.${way}`)}
              <Input.Password
                size="large"
                inputMode="numeric"
                autoComplete="off"
                value={code}
                maxLength={way === "PIN" ? 6 : 8}
                onChange={(event) => setCode(event.target.value.replaceAll(/\D/g, ""))}
              />
            </label>
            {way === "PIN" && attendings.find((one) => one.userId === chosen)?.hasPin === false && (
              <Tone kind="caution">{t("checkIn.noPin")}</Tone>
            )}
          </>
        )}
        <Refused error={enter.error ?? leave.error} />
      </div>
    </Dialog>
  );
}
