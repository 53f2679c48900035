import { MailOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation, useNavigate } from "react-router";
import { useRead } from "../api";
import styles from "./Banner.module.css";

/** Says after signing in that another institution offers a role, which waits for the person's answer. */
export function InvitationBanner() {
  const { t } = useTranslation("life");
  const list = useRead("/api/v1/me/invitations", {}, { staleTime: 300_000 });
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const [seen, setSeen] = useState<string>();
  const [newest] = list.data ?? [];
  if (!newest || seen === newest.id || pathname === "/invitations") return null;
  return (
    <div className={styles.banner} data-kind="primary" role="status">
      <MailOutlined aria-hidden />
      <span>{t("invitations.banner", { organisation: newest.organisationName })}</span>
      <Button size="small" type="primary" onClick={() => void navigate("/invitations")}>
        {t("invitations.look")}
      </Button>
      <Button size="small" onClick={() => setSeen(newest.id)}>
        {t("security.later")}
      </Button>
    </div>
  );
}
