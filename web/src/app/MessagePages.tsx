import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import styles from "./Page.module.css";
import { useTitle } from "./Page";

/** A page that has one thing to say and one way on. */
export function MessagePage({ title, body, action }: { title: string; body: string; action: ReactNode }) {
  useTitle(title);
  return (
    <div className={styles.message}>
      <h1>{title}</h1>
      <p className={styles.quiet}>{body}</p>
      {action}
    </div>
  );
}

function HomeButton() {
  const { t } = useTranslation("common");
  const navigate = useNavigate();
  return (
    <Button type="primary" onClick={() => void navigate("/")}>
      {t("actions.home")}
    </Button>
  );
}

export function NotFoundPage() {
  const { t } = useTranslation("common");
  return <MessagePage title={t("notFound.title")} body={t("notFound.body")} action={<HomeButton />} />;
}

export function DeniedPage() {
  const { t } = useTranslation("common");
  return <MessagePage title={t("denied.title")} body={t("denied.body")} action={<HomeButton />} />;
}
