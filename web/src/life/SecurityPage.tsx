import { CheckCircleOutlined } from "@ant-design/icons";
import { Button, Input, QRCode, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCommand, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { hasRole, useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { Note } from "../desk/parts/Note";
import { Panel } from "../desk/parts/Panel";
import { useFormat } from "../i18n/useFormat";
import styles from "./Life.module.css";
import { Refused } from "../dialog";

/** The account's second factor, and for attending doctors the check-in at the bedside. */
function SecurityPage() {
  const { t } = useTranslation("life");
  const me = useMe();
  const factor = useRead("/api/v1/me/second-factor");
  return (
    <Page title={t("security.title")}>
      <Loaded query={factor}>
        {(data) => (data.enrolled ? <Enrolled of={data} /> : <Enrol required={data.required} />)}
      </Loaded>
      {hasRole(me, "ATTENDING") && (
        <>
          <CheckInCode />
          <CheckInPin />
        </>
      )}
    </Page>
  );
}
export { SecurityPage as Component };

function Enrol({ required }: { required: boolean }) {
  const { t } = useTranslation("life");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const factor = useRead("/api/v1/me/second-factor");
  const begin = useCommand("post", "/api/v1/me/second-factor/totp");
  const confirm = useCommand("post", "/api/v1/me/second-factor/totp/confirm");
  const secret = begin.data;
  const codes = confirm.data?.codes;
  if (codes) {
    return (
      <Panel title={t("security.recovery")}>
        <Note kind="caution">{t("security.recoveryHint")}</Note>
        <ul className={styles.codes}>
          {codes.map((one) => (
            <li key={one}>
              <code>{one}</code>
            </li>
          ))}
        </ul>
        <div className={styles.acts}>
          <Button type="primary" onClick={() => void factor.refetch()}>
            {t("security.kept")}
          </Button>
        </div>
      </Panel>
    );
  }
  return (
    <Panel title={t("security.factor")}>
      {required && <Note kind="caution">{t("security.required")}</Note>}
      <p>{t("security.why")}</p>
      {!secret ? (
        <form
          className={styles.dialog}
          onSubmit={(event) => {
            event.preventDefault();
            if (password) begin.mutate({ body: { password } });
          }}
        >
          <label className={styles.field}>
            {t("seal.password")}
            <Input.Password
              autoComplete="current-password"
              value={password}
              maxLength={128}
              onChange={(event) => setPassword(event.target.value)}
            />
          </label>
          <div className={styles.acts}>
            <Button type="primary" htmlType="submit" disabled={!password} loading={begin.isPending}>
              {t("security.begin")}
            </Button>
          </div>
          <Refused error={begin.error} />
        </form>
      ) : (
        <form
          className={styles.dialog}
          onSubmit={(event) => {
            event.preventDefault();
            confirm.mutate({ body: { code: code.trim() } });
          }}
        >
          <p>{t("security.scan")}</p>
          <div className={styles.row}>
            <QRCode
              className={styles.picture}
              value={secret.uri}
              size={176}
              aria-label={t("security.picture")}
            />
            <div className={styles.field}>
              <span>{t("security.typed")}</span>
              <code className={styles.secret}>{secret.secret.match(/.{1,4}/g)?.join(" ")}</code>
              <label className={styles.field}>
                {t("security.firstCode")}
                <Input
                  value={code}
                  inputMode="numeric"
                  autoComplete="one-time-code"
                  maxLength={8}
                  onChange={(event) => setCode(event.target.value)}
                />
              </label>
            </div>
          </div>
          <div className={styles.acts}>
            <Button
              type="primary"
              htmlType="submit"
              disabled={code.trim().length < 6}
              loading={confirm.isPending}
            >
              {t("security.confirm")}
            </Button>
          </div>
          <Refused error={confirm.error} />
        </form>
      )}
    </Panel>
  );
}

function Enrolled({ of }: { of: Schemas["SecondFactor"] }) {
  const { t } = useTranslation("life");
  const format = useFormat();
  const now = useServerNow(60_000);
  const factor = useRead("/api/v1/me/second-factor");
  const [removing, setRemoving] = useState(false);
  const [password, setPassword] = useState("");
  const [method, setMethod] = useState<"TOTP" | "RECOVERY">("TOTP");
  const [code, setCode] = useState("");
  const remove = useCommand("post", "/api/v1/me/second-factor/remove", {
    onSuccess: () => void factor.refetch(),
  });
  return (
    <Panel title={t("security.factor")} aside={<CheckCircleOutlined aria-hidden />}>
      <Note kind="good" more={t("security.left", { n: of.recoveryLeft })}>
        {t("security.enrolled", { time: of.totpSince ? format.moment(of.totpSince, now) : "" })}
      </Note>
      {!removing ? (
        <div className={styles.acts}>
          <Button onClick={() => setRemoving(true)}>{t("security.remove")}</Button>
        </div>
      ) : (
        <form
          className={styles.dialog}
          onSubmit={(event) => {
            event.preventDefault();
            remove.mutate({ body: { password, method, code: code.trim() } });
          }}
        >
          <label className={styles.field}>
            {t("seal.password")}
            <Input.Password
              autoComplete="current-password"
              value={password}
              maxLength={128}
              onChange={(event) => setPassword(event.target.value)}
            />
          </label>
          <label className={styles.field}>
            {t("factor.ask")}
            <Input value={code} maxLength={20} onChange={(event) => setCode(event.target.value)} />
          </label>
          <Segmented
            aria-label={t("factor.method")}
            value={method}
            onChange={setMethod}
            options={(["TOTP", "RECOVERY"] as const).map((value) => ({
              value,
              label: t(`factor.methods.${value}`),
            }))}
          />
          <div className={styles.acts}>
            <Button
              danger
              htmlType="submit"
              loading={remove.isPending}
              disabled={!password || code.trim().length < 6}
            >
              {t("security.remove")}
            </Button>
          </div>
          <Refused error={remove.error} />
        </form>
      )}
    </Panel>
  );
}

/** A code for one check-in, shown on the doctor's own screen for a minute. */
function CheckInCode() {
  const { t } = useTranslation("life");
  const now = useServerNow(1000);
  const draw = useCommand("post", "/api/v1/me/check-in-code");
  const left = draw.data ? Math.ceil((Date.parse(draw.data.expiresAt) - now.getTime()) / 1000) : 0;
  return (
    <Panel title={t("checkIn.codeTitle")}>
      <p>{t("checkIn.codeHint")}</p>
      {draw.data && left > 0 && (
        <div className={styles.row} role="status">
          <QRCode
            className={styles.picture}
            value={draw.data.code}
            size={176}
            aria-label={t("checkIn.picture")}
          />
          <div className={styles.field}>
            <strong className={styles.code}>{draw.data.code.replace(/(\d{4})/, "$1 ")}</strong>
            <span className={styles.quiet}>{t("checkIn.left", { n: left })}</span>
          </div>
        </div>
      )}
      <div className={styles.acts}>
        <Button type="primary" loading={draw.isPending} onClick={() => draw.mutate({})}>
          {draw.data ? t("checkIn.another") : t("checkIn.draw")}
        </Button>
      </div>
      <Refused error={draw.error} />
    </Panel>
  );
}

function CheckInPin() {
  const { t } = useTranslation("life");
  const [pin, setPin] = useState("");
  const [password, setPassword] = useState("");
  const save = useCommand("put", "/api/v1/me/check-in-pin", {
    onSuccess: () => {
      setPin("");
      setPassword("");
    },
  });
  return (
    <Panel title={t("checkIn.pinTitle")}>
      <p>{t("checkIn.pinHint")}</p>
      <form
        className={styles.dialog}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ body: { pin, password } });
        }}
      >
        <div className={styles.row}>
          <label className={styles.field}>
            {t("checkIn.pin")}
            <Input.Password
              inputMode="numeric"
              autoComplete="off"
              value={pin}
              maxLength={6}
              onChange={(event) => setPin(event.target.value.replaceAll(/\D/g, ""))}
            />
          </label>
          <label className={styles.field}>
            {t("seal.password")}
            <Input.Password
              autoComplete="current-password"
              value={password}
              maxLength={128}
              onChange={(event) => setPassword(event.target.value)}
            />
          </label>
        </div>
        <div className={styles.acts}>
          <Button htmlType="submit" loading={save.isPending} disabled={pin.length !== 6 || !password}>
            {t("checkIn.save")}
          </Button>
        </div>
        {save.isSuccess && <Note kind="good">{t("checkIn.saved")}</Note>}
        <Refused error={save.error} />
      </form>
    </Panel>
  );
}
