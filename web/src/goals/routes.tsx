import { useTranslation } from "react-i18next";
import type { ScreenRoute } from "../app/screen";

function GoalsLabel() {
  const { t } = useTranslation("goals");
  return t("title");
}

function ReturnsLabel() {
  const { t } = useTranslation("goals");
  return t("returns.title");
}

const overseers = ["INST_ADMIN", "REG_COUNTY", "REG_LEAGUE", "REG_REGION"] as const;

/** What is counted, for institutions and authorities. */
export const goalRoutes: ScreenRoute[] = [
  {
    path: "/goals",
    lazy: () => import("./GoalsPage"),
    handle: { roles: overseers, density: "desk", nav: GoalsLabel },
  },
  { path: "/goals/rows", lazy: () => import("./RowsPage"), handle: { roles: overseers, density: "desk" } },
  {
    path: "/returns",
    lazy: () => import("./ReturnsPage"),
    handle: { roles: overseers, density: "desk", nav: ReturnsLabel },
  },
];
