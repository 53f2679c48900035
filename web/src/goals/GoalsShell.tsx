import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, useSearchParams } from "react-router";
import { useTitle } from "../app/Page";
import { hasRole, useMe } from "../auth/useSession";
import styles from "./Goals.module.css";

const overseers = ["INST_ADMIN", "REG_COUNTY", "REG_LEAGUE", "REG_REGION"] as const;
const authorities = ["REG_COUNTY", "REG_LEAGUE", "REG_REGION"] as const;

/** The pages about goals, in the order of the work, and for whom each is. */
const pages = [
  { path: "/goals", key: "goals", roles: overseers },
  { path: "/goals/calendar", key: "calendar", roles: overseers },
  { path: "/goals/returns", key: "returns", roles: overseers },
  { path: "/goals/self-check", key: "selfCheck", roles: overseers },
  { path: "/goals/rectifications", key: "rectifications", roles: overseers },
  { path: "/goals/samples", key: "samples", roles: authorities },
  { path: "/goals/imports", key: "imports", roles: overseers },
] as const;

/** What stands around each page about goals: its heading, and the way to the others with the same organisation. */
export function GoalsShell({
  title,
  aside,
  children,
}: {
  title: string;
  /** quiet facts and buttons beside the heading */
  aside?: ReactNode;
  children: ReactNode;
}) {
  const { t } = useTranslation("goals");
  const me = useMe();
  const [search] = useSearchParams();
  const org = search.get("org");
  useTitle(title);
  const shown = pages.filter((page) => hasRole(me, ...page.roles));
  return (
    <section className={styles.page} aria-labelledby="goals-title">
      {shown.length > 0 && (
        <nav className={`${styles.tabs} ${styles.noPrint}`} aria-label={t("pages.label")}>
          {shown.map(({ path, key }) => (
            <NavLink key={path} to={org ? `${path}?org=${org}` : path} end={path === "/goals"}>
              {t(`pages.${key}`)}
            </NavLink>
          ))}
        </nav>
      )}
      <header className={styles.head}>
        <h1 id="goals-title">{title}</h1>
        {aside}
      </header>
      {children}
    </section>
  );
}
