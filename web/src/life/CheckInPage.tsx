import { Button, Input, QRCode } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand } from "../api";
import { Page } from "../app/Page";
import { useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { Panel } from "../desk/parts/Panel";
import { Refused } from "../dialog";
import { checkInText } from "./CheckIn";
import styles from "./Life.module.css";
import { Notice } from "../theme";

/** What an attending doctor shows or types at the bedside to check in. */
function CheckInPage() {
  const { t } = useTranslation("life");
  return (
    <Page title={t("checkIn.page")}>
      <CheckInCode />
      <CheckInPin />
    </Page>
  );
}
export { CheckInPage as Component };

/** A code for one check-in, shown on the doctor's own screen for a minute. */
function CheckInCode() {
  const { t } = useTranslation("life");
  const me = useMe();
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
            value={checkInText(me.id, draw.data.code)}
            size={240}
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
        {save.isSuccess && <Notice kind="good">{t("checkIn.saved")}</Notice>}
        <Refused error={save.error} />
      </form>
    </Panel>
  );
}
