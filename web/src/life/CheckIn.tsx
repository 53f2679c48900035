import { LoginOutlined, LogoutOutlined, SolutionOutlined } from "@ant-design/icons";
import { Button, Input, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Consultation, type Schemas, useCommand, useRead } from "../api";
import { Choice, Choices } from "../bedside/parts/Choice";
import { Sheet } from "../bedside/parts/Sheet";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import styles from "./Life.module.css";
import { Refused } from "../dialog";

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

/** The sheet on the tablet: who is there, and a PIN or a code for who comes. */
export function CheckInSheet({ c, open, onClose }: { c: Consultation; open: boolean; onClose: () => void }) {
  const { t } = useTranslation(["life", "common"]);
  const query = useRead("/api/v1/consultations/{id}/check-ins", { path: { id: c.id } }, { enabled: open });
  const attendings = query.data?.attendings ?? [];
  const here = (c.checkIns ?? []).filter((one) => !one.until);
  const [userId, setUserId] = useState<string>();
  const [method, setMethod] = useState<"PIN" | "QR">("PIN");
  const [code, setCode] = useState("");
  const chosen = userId ?? attendings.find((one) => one.onDuty)?.userId ?? attendings[0]?.userId;
  const enter = useCommand("post", "/api/v1/consultations/{id}/check-ins", {
    onSuccess: () => {
      setCode("");
      onClose();
    },
  });
  const leave = useCommand("post", "/api/v1/consultations/{id}/check-outs");
  return (
    <Sheet
      open={open}
      title={t("checkIn.title")}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t("common:actions.close")}</Button>
          <Button
            type="primary"
            icon={<LoginOutlined aria-hidden />}
            loading={enter.isPending}
            disabled={!chosen || code.length < 6}
            onClick={() =>
              chosen && enter.mutate({ path: { id: c.id }, body: { userId: chosen, method, code } })
            }
          >
            {t("checkIn.enter")}
          </Button>
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
        <Segmented
          size="large"
          block
          aria-label={t("checkIn.how")}
          value={method}
          onChange={setMethod}
          options={(["PIN", "QR"] as const).map((value) => ({ value, label: t(`checkIn.by.${value}`) }))}
        />
        <label className={styles.field}>
          {t(`checkIn.code.${method}`)}
          <Input.Password
            size="large"
            inputMode="numeric"
            autoComplete="off"
            value={code}
            maxLength={method === "PIN" ? 6 : 8}
            onChange={(event) => setCode(event.target.value.replaceAll(/\D/g, ""))}
          />
        </label>
        <Refused error={enter.error ?? leave.error} />
      </div>
    </Sheet>
  );
}
