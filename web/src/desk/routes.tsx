import type { ScreenRoute } from "../app/screen";
import { AdoptLabel, FollowUpsLabel, QueueLabel } from "./labels";

const consultant = { roles: ["CONSULTANT"], density: "desk" } as const;
const attending = { roles: ["ATTENDING", "FAMILY_DOCTOR"], density: "desk" } as const;

/** The screens of doctors and attending doctors. */
export const deskRoutes: ScreenRoute[] = [
  { path: "/queue", lazy: () => import("./queue/QueuePage"), handle: { ...consultant, nav: QueueLabel } },
  { path: "/work/:id", lazy: () => import("./work/WorkPage"), handle: consultant },
  { path: "/adopt", lazy: () => import("./adopt/AdoptListPage"), handle: { ...attending, nav: AdoptLabel } },
  { path: "/adopt/:id", lazy: () => import("./adopt/AdoptPage"), handle: attending },
  {
    path: "/follow-ups",
    lazy: () => import("./followups/FollowUpsPage"),
    handle: { roles: ["CONSULTANT", "ATTENDING"], density: "desk", nav: FollowUpsLabel },
  },
];
