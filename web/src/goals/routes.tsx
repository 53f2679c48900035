import { Badge } from "antd";
import { useTranslation } from "react-i18next";
import { Navigate, useLocation } from "react-router";
import { useRead } from "../api";
import type { ScreenRoute } from "../app/screen";

/** ms; what is to be done changes with days and with what colleagues do. */
const lookAgain = 300_000;

/** The entry of the goals, with how much is to be done about them. */
function GoalsLabel() {
  const { t } = useTranslation("goals");
  const n = useRead("/api/v1/goals/todo", {}, { refetchInterval: lookAgain }).data?.length ?? 0;
  return (
    <Badge count={n} size="small" offset={[8, 0]}>
      <span aria-hidden={n > 0} style={{ color: "inherit", fontSize: "inherit" }}>
        {t("nav")}
      </span>
      {n > 0 && <span className="visually-hidden">{t("navCount", { n })}</span>}
    </Badge>
  );
}

const overseers = ["INST_ADMIN", "REG_COUNTY", "REG_LEAGUE", "REG_REGION"] as const;
const authorities = ["REG_COUNTY", "REG_LEAGUE", "REG_REGION"] as const;
const importers = [...overseers, "SYS_ADMIN"] as const;

/** A page that has another address by now; what the address asks for stays. */
function Moved({ to }: { to: string }) {
  const { search } = useLocation();
  return <Navigate to={to + search} replace />;
}

/** What is counted, and what is done with it, for institutions and authorities. */
export const goalRoutes: ScreenRoute[] = [
  {
    path: "/goals",
    lazy: () => import("./GoalsPage"),
    handle: { roles: overseers, density: "desk", nav: GoalsLabel },
  },
  { path: "/goals/rows", lazy: () => import("./RowsPage"), handle: { roles: overseers, density: "desk" } },
  { path: "/goals/facts", lazy: () => import("./FactsPage"), handle: { roles: overseers, density: "desk" } },
  {
    path: "/goals/coverage",
    lazy: () => import("./CoveragePage"),
    handle: { roles: overseers, density: "desk" },
  },
  {
    path: "/goals/calendar",
    lazy: () => import("./CalendarPage"),
    handle: { roles: overseers, density: "desk" },
  },
  {
    path: "/goals/returns",
    lazy: () => import("./ReturnsPage"),
    handle: { roles: overseers, density: "desk" },
  },
  {
    path: "/goals/self-check",
    lazy: () => import("./SelfCheckPage"),
    handle: { roles: overseers, density: "desk" },
  },
  {
    path: "/goals/rectifications",
    lazy: () => import("./RectificationsPage"),
    handle: { roles: overseers, density: "desk" },
  },
  {
    path: "/goals/samples",
    lazy: () => import("./SamplesPage"),
    handle: { roles: authorities, density: "desk" },
  },
  {
    path: "/goals/samples/:id",
    lazy: () => import("./SamplePage"),
    handle: { roles: authorities, density: "desk" },
  },
  {
    path: "/goals/imports",
    lazy: () => import("./ImportsPage"),
    handle: { roles: importers, density: "desk" },
  },
  { path: "/returns", element: <Moved to="/goals/returns" />, handle: { density: "desk" } },
  { path: "/statistics", element: <Moved to="/goals" />, handle: { density: "desk" } },
];
