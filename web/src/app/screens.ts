import type { Me } from "../api/types";
import { adminRoutes } from "../admin/routes";
import { aroundRoutes } from "../around/routes";
import { bedsideRoutes } from "../bedside/routes";
import { boardRoutes } from "../board/routes";
import { bookingRoutes } from "../booking/routes";
import { deskRoutes } from "../desk/routes";
import { panelRoutes } from "../panel/routes";
import { trustRoutes } from "../trust/routes";
import { goalRoutes } from "../goals/routes";
import { reminderRoutes } from "../reminders/routes";
import { roundRoutes } from "../round/routes";
import { visitRoutes } from "../visits/routes";
import { offlineRoutes } from "../offline/routes";
import type { ScreenHandle, ScreenRoute } from "./screen";

/** All screens of the signed-in part, in the order of the main menu. */
export const screens: readonly ScreenRoute[] = [
  ...bedsideRoutes,
  ...deskRoutes,
  ...boardRoutes,
  ...roundRoutes,
  ...panelRoutes,
  ...adminRoutes,
  ...trustRoutes,
  ...goalRoutes,
  ...visitRoutes,
  ...bookingRoutes,
  ...reminderRoutes,
  ...offlineRoutes,
  ...aroundRoutes,
];

/** Whether a person may open a screen. The server decides about the content; this only spares a refusal. */
export function mayOpen(handle: ScreenHandle, me: Me): boolean {
  return (
    !handle.roles ||
    me.memberships.some((m) => {
      const kind = handle.in?.[m.role];
      return handle.roles?.includes(m.role) && (!kind || kind === m.organisationKind);
    })
  );
}
