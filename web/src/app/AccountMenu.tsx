import { DownOutlined } from "@ant-design/icons";
import { App, Button, Dropdown, type MenuProps } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useErrorText } from "../api/errorText";
import { call } from "../api/hooks";
import { useCatalogue } from "../api";
import { useSetLanguage } from "../auth/useSetLanguage";
import { hasRole, useMe } from "../auth/useSession";
import { useLanguage } from "../i18n/useLanguage";
import { type SchemeChoice, useTheme } from "../theme";
import { useServices } from "./services";

/** The person's own menu: language, appearance, password, signing out. */
export function AccountMenu() {
  const { t } = useTranslation(["common", "trust", "life", "offline"]);
  const me = useMe();
  const { session, api, call: engine, offline } = useServices();
  const { label } = useCatalogue();
  const navigate = useNavigate();
  const { modal, message } = App.useApp();
  const errorText = useErrorText();
  const language = useLanguage();
  const setLanguage = useSetLanguage();
  const { density, choice, choose } = useTheme();

  // What is not sent cannot be read here after signing out, until the same person signs in again.
  const leave = async () => {
    const n = await offline.unsent();
    if (n === 0) return session.logout();
    modal.confirm({
      title: t("offline:signOut.title"),
      content: t("offline:signOut.body", { n }),
      okText: t("offline:signOut.act"),
      okButtonProps: { danger: true },
      cancelText: t("offline:signOut.stay"),
      onOk: () => session.logout(),
    });
    return undefined;
  };

  const everywhere = () =>
    modal.confirm({
      title: t("shell.signOutEverywhere"),
      content: t("shell.signOutEverywhereConfirm"),
      okText: t("shell.signOutEverywhere"),
      okButtonProps: { danger: true },
      onOk: async () => {
        try {
          await call(api, "post", "/api/v1/auth/logout-everywhere", {});
          await session.logout();
        } catch (error) {
          void message.error(errorText(error));
        }
      },
    });

  // Everything on the page belongs to the roles it was read with, so the page begins anew.
  const actAs = async (membershipId?: string) => {
    if (engine.active) {
      void message.warning(t("shell.actingCall"));
      return;
    }
    try {
      await call(api, "put", "/api/v1/me/acting-as", { body: membershipId ? { membershipId } : {} });
      window.location.assign("/");
    } catch (error) {
      void message.error(errorText(error));
    }
  };
  const held = me.held ?? [];
  const named = (m: (typeof held)[number]) =>
    [label("roles", m.role), m.organisationName, m.departmentName].filter(Boolean).join(" ");
  const acting = held.find((m) => m.id === me.actingAs);

  const items: MenuProps["items"] = [
    ...(held.length > 1 || me.actingAs
      ? [
          {
            key: "acting",
            label: t("shell.acting"),
            children: [
              {
                key: "all",
                label: t("shell.actingAll"),
                onClick: () => void actAs(),
                ...(me.actingAs ? {} : { icon: "✓" }),
              },
              ...held.map((m) => ({
                key: m.id ?? m.role,
                label: named(m),
                onClick: () => void actAs(m.id),
                ...(m.id === me.actingAs ? { icon: "✓" } : {}),
              })),
            ],
          },
        ]
      : []),
    {
      key: "language",
      label: language === "en" ? "中文" : "English",
      onClick: () => setLanguage(language === "en" ? "zh-CN" : "en"),
    },
    ...(density === "desk"
      ? [
          {
            key: "scheme",
            label: t("shell.scheme"),
            children: (["auto", "light", "dark"] satisfies SchemeChoice[]).map((value) => ({
              key: value,
              label: t(`shell.schemes.${value}`),
              onClick: () => choose(value),
              ...(value === choice ? { icon: "✓" } : {}),
            })),
          },
        ]
      : []),
    {
      key: "notifications",
      label: t("shell.notifications"),
      onClick: () => void navigate("/notifications"),
    },
    ...(hasRole(me, "NURSE", "ATTENDING", "CONSULTANT")
      ? [
          {
            key: "emergency",
            label: t("trust:emergency.menu"),
            onClick: () => void navigate("/emergency-access"),
          },
        ]
      : []),
    ...(hasRole(me, "ATTENDING", "FAMILY_DOCTOR")
      ? [{ key: "checkIn", label: t("life:checkIn.page"), onClick: () => void navigate("/check-in") }]
      : []),
    {
      key: "invitations",
      label: t("shell.invitations"),
      onClick: () => void navigate("/invitations"),
    },
    { key: "security", label: t("shell.security"), onClick: () => void navigate("/security") },
    { key: "password", label: t("shell.password"), onClick: () => void navigate("/password") },
    { type: "divider" },
    { key: "out", label: t("shell.signOut"), onClick: () => void leave() },
    {
      key: "everywhere",
      label: t("shell.signOutEverywhere"),
      danger: true,
      onClick: () => void everywhere(),
    },
  ];

  return (
    <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
      <Button type="text" aria-label={`${t("shell.account")}: ${me.name}`} aria-haspopup="menu">
        {[me.name, acting && label("roles", acting.role)].filter(Boolean).join(" · ")}{" "}
        <DownOutlined aria-hidden />
      </Button>
    </Dropdown>
  );
}
