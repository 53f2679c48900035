import { DownOutlined } from "@ant-design/icons";
import { Dropdown } from "antd";
import { type MouseEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, NavLink, Outlet, useLocation, useMatches } from "react-router";
import { PushWords } from "../admin/notify/PushWords";
import { OngoingBar } from "../bedside/parts/OngoingBar";
import { CallBar } from "../call/CallBar";
import { hasRole, useMe, useSessionState } from "../auth/useSession";
import type { Me } from "../api/types";
import { useLanguage } from "../i18n/useLanguage";
import { useDensity, useMediaQuery, useTheme } from "../theme";
import { AccountMenu } from "./AccountMenu";
import { ConnectionDot } from "./ConnectionDot";
import { FactorResetBanner } from "./FactorResetBanner";
import styles from "./Frame.module.css";
import { DeniedPage } from "./MessagePages";
import { InvitationBanner } from "./InvitationBanner";
import { OfflineBanner } from "./OfflineBanner";
import type { ScreenHandle } from "./screen";
import { mayOpen, screens } from "./screens";
import { useServices } from "./services";
import { SignalBanner } from "./SignalBanner";
import { Cloud } from "../offline/Cloud";
import { useFitting } from "./useFitting";
import { useMeta } from "./useMeta";
import { useOpenForPrint } from "./useOpenForPrint";

/** So many entries stand beside one another on a screen of 1280 px. */
const mostEntries = 8;

/** With so few there is room for the whole name of where one works. */
const fewEntries = 4;

const anyScreen: ScreenHandle = { density: "desk" };

/** What stands around each screen of a signed-in person: header, banners, the running call. */
export function Frame() {
  useOpenForPrint();
  const me = useMe();
  const { signal } = useServices();
  const handle = useScreenHandle();
  useDensity(useAtBedside(me) ? "bedside" : handle.density);
  const session = useSessionState();
  const away = session.phase === "signedIn" && session.away === true;
  useEffect(() => {
    if (!away) signal.start();
  }, [signal, me.id, away]);

  const { pathname } = useLocation();
  // The installed application begins at the day sheet; who has none begins at home.
  const elsewhere = pathname === "/day-sheet" ? <Navigate to="/" replace /> : <DeniedPage />;
  const content = mayOpen(handle, me) ? <Outlet /> : elsewhere;
  return (
    <>
      {!handle.bare && <Header />}
      <OfflineBanner />
      <SignalBanner />
      <FactorResetBanner />
      <InvitationBanner />
      <CallBar />
      <OngoingBar />
      <PushWords />
      <main id="main" tabIndex={-1} className={handle.bare ? styles.bare : styles.main}>
        {content}
      </main>
    </>
  );
}

function isSeldom({ seldom }: ScreenHandle, me: Me): boolean {
  return seldom === true || (seldom !== undefined && hasRole(me, ...seldom));
}

/**
 * Whether somebody works at the bedside whatever the screen: the nurse of a home, and its attending doctor on a tablet. Their pages do not
 * change size on the way from one to another; whoever has a desk as well has the desk's.
 */
function useAtBedside(me: Me): boolean {
  const tablet = useMediaQuery("(pointer: coarse)");
  return me.memberships.every(
    (m) => m.organisationKind === "CARE" && (m.role === "NURSE" || (m.role === "ATTENDING" && tablet)),
  );
}

function useScreenHandle(): ScreenHandle {
  const matches = useMatches();
  const own = matches.findLast((match) => match.handle !== undefined);
  return own ? (own.handle as ScreenHandle) : anyScreen;
}

function Header() {
  const { t } = useTranslation("common");
  const me = useMe();
  const meta = useMeta().data;
  const entries = screens.filter((s) => s.handle.nav && mayOpen(s.handle, me));
  const seldom = entries.length > mostEntries ? entries.filter((s) => isSeldom(s.handle, me)) : [];
  const usual = entries.filter((entry) => !seldom.includes(entry));
  const { density } = useTheme();
  const language = useLanguage();
  const nav = useRef<HTMLElement>(null);
  const what = [density, language, ...usual.map((entry) => entry.path)].join(" ");
  const fitting = useFitting(nav, usual.length, what, seldom.length > 0);
  const folded = [...usual.slice(fitting), ...seldom];
  const first = me.memberships[0];
  const skip = (event: MouseEvent) => {
    event.preventDefault();
    document.getElementById("main")?.focus();
  };
  return (
    <header className={styles.header} data-full={entries.length > fewEntries}>
      <a className={styles.skip} href="#main" onClick={skip}>
        {t("shell.skip")}
      </a>
      <NavLink to="/" className={styles.place} end>
        <strong>{t("product")}</strong>
        {first && (
          <span>
            {first.organisationName}
            {first.departmentName && t("separator") + first.departmentName}
          </span>
        )}
      </NavLink>
      {/* Also a single entry: what stands in it may be what rings. */}
      {entries.length > 0 && (
        <nav ref={nav} className={styles.nav} aria-label={t("shell.menu")}>
          {usual.slice(0, fitting).map(({ path, handle: { nav: Label } }) => (
            <NavLink key={path} to={path ?? "/"} className={styles.entry}>
              {Label && <Label />}
            </NavLink>
          ))}
          {folded.length > 0 && (
            <Folded of={folded} label={t(seldom.length > 0 ? "shell.seldom" : "shell.more")} />
          )}
        </nav>
      )}
      <div className={styles.side}>
        {meta?.demo && <span className={styles.demo}>{t("shell.demo")}</span>}
        <Cloud />
        <ConnectionDot />
        <AccountMenu />
      </div>
    </header>
  );
}

function Folded({ of, label }: { of: typeof screens; label: string }) {
  const { pathname } = useLocation();
  const here = of.find((s) => s.path === pathname)?.path;
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        selectedKeys: here ? [here] : [],
        items: of.map(({ path = "/", handle: { nav: Label } }) => ({
          key: path,
          label: <NavLink to={path}>{Label && <Label />}</NavLink>,
        })),
      }}
    >
      <button
        type="button"
        className={styles.entry}
        aria-haspopup="menu"
        {...(here ? { "aria-current": "page" as const } : {})}
      >
        {label} <DownOutlined aria-hidden />
      </button>
    </Dropdown>
  );
}
