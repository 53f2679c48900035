import { Alert, App, Button, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useLocation, useNavigate } from "react-router";
import { fieldErrors } from "../api/errors";
import { useErrorText } from "../api/errorText";
import { call } from "../api/hooks";
import { OfflineBanner } from "../app/OfflineBanner";
import { useTitle } from "../app/Page";
import { PageSkeleton } from "../app/PageSkeleton";
import { useServices } from "../app/services";
import { useDensity } from "../theme";
import styles from "./Auth.module.css";
import { LanguageButton } from "./LanguageButton";
import { useSessionState } from "./useSession";

interface Fields {
  current: string;
  next: string;
  again: string;
}

/** Changing the password: by choice, or because the present one was given by somebody else. */
function PasswordPage() {
  const { t } = useTranslation(["auth", "common"]);
  useTitle(t("change.title"));
  useDensity("bedside");
  const { session, api } = useServices();
  const state = useSessionState();
  const navigate = useNavigate();
  const origin = useLocation().state as { from?: string } | null;
  const { message } = App.useApp();
  const errorText = useErrorText();
  const [form] = Form.useForm<Fields>();
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string>();

  if (state.phase === "restoring") return <PageSkeleton />;
  if (state.phase === "signedOut") return <Navigate to="/login" replace />;
  const forced = state.me.mustChangePassword;

  const change = async ({ current, next }: Fields) => {
    setBusy(true);
    setRefusal(undefined);
    try {
      session.adopt(await call(api, "post", "/api/v1/auth/password", { body: { current, next } }));
      void message.success(t("change.done"));
      void navigate(origin?.from ?? "/", { replace: true });
    } catch (error) {
      const fields = fieldErrors(error);
      form.setFields(fields.map(({ name, errors }) => ({ name: name as ["current" | "next"], errors })));
      if (fields.length === 0) setRefusal(errorText(error));
    } finally {
      setBusy(false);
    }
  };

  const rules = [{ required: true, message: t("required") }];
  return (
    <>
      <OfflineBanner />
      <main className={styles.page}>
        <section className={styles.card}>
          <header className={styles.head}>
            <h1>{t("change.title")}</h1>
            <LanguageButton />
          </header>
          {forced && <Alert type="info" showIcon title={t("change.forced")} />}
          <Form<Fields> form={form} layout="vertical" onFinish={change} requiredMark={false} disabled={busy}>
            <input type="hidden" autoComplete="username" value={state.me.username} readOnly />
            <Form.Item name="current" label={t("change.current")} rules={rules}>
              <Input.Password autoComplete="current-password" maxLength={128} />
            </Form.Item>
            <Form.Item name="next" label={t("change.next")} rules={rules} extra={t("change.rule")}>
              <Input.Password autoComplete="new-password" maxLength={128} />
            </Form.Item>
            <Form.Item
              name="again"
              label={t("change.again")}
              dependencies={["next"]}
              rules={[
                ...rules,
                ({ getFieldValue }) => ({
                  validator: (_, value: string | undefined) =>
                    !value || value === getFieldValue("next")
                      ? Promise.resolve()
                      : Promise.reject(new Error(t("change.differ"))),
                }),
              ]}
            >
              <Input.Password autoComplete="new-password" maxLength={128} />
            </Form.Item>
            {refusal && <Alert className={styles.alert} type="error" showIcon title={refusal} role="alert" />}
            <Button className={styles.submit} type="primary" htmlType="submit" block loading={busy}>
              {t("change.submit")}
            </Button>
          </Form>
          <Button type="text" block onClick={() => (forced ? void session.logout() : void navigate(-1))}>
            {forced ? t("common:shell.signOut") : t("common:actions.cancel")}
          </Button>
        </section>
      </main>
    </>
  );
}

export { PasswordPage as Component };
