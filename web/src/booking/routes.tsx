import type { ScreenRoute } from "../app/screen";

/** Booking for residents whom the address names. */
export const bookingRoutes: ScreenRoute[] = [
  {
    path: "/booking/new",
    lazy: () => import("./BookPage"),
    handle: {
      roles: ["FAMILY_DOCTOR", "NURSE", "ATTENDING", "CONSULTANT", "DISPATCHER", "INST_ADMIN"],
      density: "desk",
    },
  },
];
