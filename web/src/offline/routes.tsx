import type { ScreenRoute } from "../app/screen";

/** What is still to be sent. It is not in the menu: the cloud in the header leads there when there is something. */
export const offlineRoutes: ScreenRoute[] = [
  {
    path: "/to-send",
    lazy: () => import("./ToSendPage"),
    handle: { roles: ["FAMILY_DOCTOR", "ATTENDING", "NURSE"], density: "desk" },
  },
];
