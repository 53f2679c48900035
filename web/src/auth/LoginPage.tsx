import { App, Alert, Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useLocation, useNavigate } from "react-router";
import { useErrorText } from "../api/errorText";
import { call } from "../api/hooks";
import type { Me } from "../api/types";
import { OfflineBanner } from "../app/OfflineBanner";
import { PageSkeleton } from "../app/PageSkeleton";
import { useTitle } from "../app/Page";
import { useServices } from "../app/services";
import { useMeta } from "../app/useMeta";
import { useLanguage } from "../i18n/useLanguage";
import { useDensity } from "../theme";
import styles from "./Auth.module.css";
import { DemoAccounts } from "./DemoAccounts";
import { LanguageButton } from "./LanguageButton";
import { useSessionState } from "./useSession";

interface Credentials {
  username: string;
  password: string;
}

function LoginPage() {
  const { t, i18n } = useTranslation(["auth", "common"]);
  useTitle(t("title"));
  useDensity("bedside");
  const { session, api } = useServices();
  const { message } = App.useApp();
  const state = useSessionState();
  const language = useLanguage();
  const meta = useMeta().data;
  const errorText = useErrorText();
  const navigate = useNavigate();
  const origin = useLocation().state as { from?: string } | null;
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string>();
  const [chosen, setChosen] = useState(false);

  /** A language chosen on this page becomes the account's; otherwise the page takes the account's. */
  const settleLanguage = async (me: Me) => {
    if (me.locale === language) return;
    if (!chosen) {
      await i18n.changeLanguage(me.locale);
      return;
    }
    session.setMe(await call(api, "patch", "/api/v1/me", { body: { locale: language } }));
  };

  const signIn = async ({ username, password }: Credentials) => {
    setBusy(true);
    setRefusal(undefined);
    try {
      const me = await session.login(username.trim(), password);
      if (!me.mustChangePassword && !me.factorDue)
        settleLanguage(me).catch((error: unknown) => message.warning(errorText(error)));
      void navigate(origin?.from ?? "/", { replace: true });
    } catch (error) {
      setRefusal(errorText(error));
    } finally {
      setBusy(false);
    }
  };

  if (state.phase === "restoring") return <PageSkeleton />;
  if (state.phase === "signedIn" && !busy) return <Navigate to={origin?.from ?? "/"} replace />;
  const rules = [{ required: true, message: t("required") }];
  return (
    <>
      <OfflineBanner />
      <main className={styles.page}>
        <section className={styles.card}>
          <header className={styles.head}>
            <div>
              <h1 className={styles.brand}>{t("common:product")}</h1>
              <p className={styles.quiet}>{t("common:tagline")}</p>
            </div>
            <LanguageButton onChoose={() => setChosen(true)} />
          </header>
          <Form<Credentials> layout="vertical" onFinish={signIn} requiredMark={false} disabled={busy}>
            <Form.Item name="username" label={t("username")} rules={rules}>
              <Input autoComplete="username" autoCapitalize="none" spellCheck={false} maxLength={64} />
            </Form.Item>
            <Form.Item name="password" label={t("password")} rules={rules}>
              <Input.Password autoComplete="current-password" maxLength={128} />
            </Form.Item>
            {refusal && <Alert className={styles.alert} type="error" showIcon title={refusal} role="alert" />}
            <Button type="primary" htmlType="submit" block loading={busy}>
              {t("submit")}
            </Button>
          </Form>
          {meta?.consultPhone && <p className={styles.quiet}>{t("phone", { phone: meta.consultPhone })}</p>}
        </section>
        {meta?.demo && (
          <DemoAccounts accounts={meta.demoAccounts} disabled={busy} onChoose={(a) => void signIn(a)} />
        )}
      </main>
    </>
  );
}

export { LoginPage as Component };
