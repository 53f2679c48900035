import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useLocation, useNavigate } from "react-router";
import { useCommand, useErrorText, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { OfflineBanner } from "../app/OfflineBanner";
import { useTitle } from "../app/Page";
import { PageSkeleton } from "../app/PageSkeleton";
import { useServices } from "../app/services";
import { Refused } from "../dialog";
import { Factors } from "../life/Factors";
import { useProof } from "../life/useProof";
import { useDensity } from "../theme";
import styles from "./Auth.module.css";
import { LanguageButton } from "./LanguageButton";
import { useSessionState } from "./useSession";

/** What a sign-in waits for where the organisation asks for a second factor: confirming with it, or setting one up first. */
function ConfirmPage() {
  const { t } = useTranslation(["auth", "common"]);
  useTitle(t("confirm.title"));
  useDensity("bedside");
  const { session } = useServices();
  const state = useSessionState();
  const origin = useLocation().state as { from?: string } | null;
  const [enrolling] = useState(state.phase === "signedIn" && state.me.factorDue === "ENROL");
  if (state.phase === "restoring") return <PageSkeleton />;
  if (state.phase === "signedOut") return <Navigate to="/login" replace />;
  if (!state.me.factorDue) return <Navigate to={origin?.from ?? "/"} replace />;
  return (
    <>
      <OfflineBanner />
      <main className={styles.page}>
        <section className={styles.card}>
          <header className={styles.head}>
            <div>
              <h1>{t(enrolling ? "confirm.enrol" : "confirm.title")}</h1>
              <p className={styles.quiet}>{state.me.name}</p>
            </div>
            <LanguageButton />
          </header>
          {enrolling ? <Enrol /> : <Confirm />}
          <Button type="text" block onClick={() => void session.logout()}>
            {t("common:shell.signOut")}
          </Button>
        </section>
      </main>
    </>
  );
}
export { ConfirmPage as Component };

function Confirm() {
  const { t } = useTranslation("auth");
  const { session } = useServices();
  const factor = useRead("/api/v1/me/second-factor");
  const proof = useProof(factor.data);
  const confirm = useCommand("post", "/api/v1/auth/second-factor", {
    onSuccess: (grant) => session.adopt(grant),
  });
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (proof.ready && !proof.busy)
          proof
            .prove()
            .then((body) => confirm.mutateAsync({ body }))
            .catch(() => undefined);
      }}
    >
      <p>{t("confirm.hint")}</p>
      {proof.field}
      <Refused error={confirm.error ?? factor.error} />
      <Button
        type="primary"
        htmlType="submit"
        block
        loading={proof.busy || confirm.isPending}
        disabled={!proof.ready}
      >
        {t("confirm.submit")}
      </Button>
    </form>
  );
}

function Enrol() {
  const { t } = useTranslation("auth");
  const { session } = useServices();
  const navigate = useNavigate();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const factor = useRead("/api/v1/me/second-factor");
  const goOn = async () => {
    try {
      await session.refresh(session.token() ?? "");
      void navigate("/", { replace: true });
    } catch (error) {
      void message.error(errorText(error));
    }
  };
  return (
    <Loaded query={factor}>
      {(data) => (
        <>
          <Factors of={data} onChanged={() => void factor.refetch()} />
          {data.enrolled && (
            <Button type="primary" block onClick={() => void goOn()}>
              {t("confirm.goOn")}
            </Button>
          )}
        </>
      )}
    </Loaded>
  );
}
