import { Button, Input, QRCode } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServices } from "../app/services";
import { hasRole, useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { Note } from "../desk/parts/Note";
import { Panel } from "../desk/parts/Panel";
import { Factors } from "./Factors";
import styles from "./Life.module.css";
import { Refused } from "../dialog";

/** The account's second factor, and for attending doctors the check-in at the bedside. */
function SecurityPage() {
  const { t } = useTranslation("life");
  const me = useMe();
  const { session } = useServices();
  const factor = useRead("/api/v1/me/second-factor");
  const changed = () => {
    void factor.refetch();
    if (me.factorResetAt) session.setMe({ ...me, factorResetAt: undefined });
  };
  return (
    <Page title={t("security.title")}>
      <Loaded query={factor}>{(data) => <Factors of={data} onChanged={changed} />}</Loaded>
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
