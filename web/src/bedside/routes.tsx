import type { ScreenRoute } from "../app/screen";
import { WardLabel } from "./parts/WardLabel";

const roles = ["NURSE", "ATTENDING"] as const;
const bedside = { roles, density: "bedside" } as const;
/** Of a request also who visits at home: the server shows it to nobody else of the health centre. */
const request = { roles: [...roles, "FAMILY_DOCTOR"], density: "bedside" } as const;

/** The nurse's screens. */
export const bedsideRoutes: ScreenRoute[] = [
  { path: "/ward", lazy: () => import("./ward/WardPage"), handle: { ...bedside, nav: WardLabel } },
  {
    path: "/ward/residents/new",
    lazy: () => import("./resident/ResidentFormPage"),
    handle: { roles: ["NURSE"], density: "bedside" },
  },
  { path: "/ward/residents/:id/care", lazy: () => import("../around/CareFilePage"), handle: bedside },
  { path: "/ward/residents/:id/family", lazy: () => import("../panel/FamilyPage"), handle: bedside },
  { path: "/ward/residents/:id", lazy: () => import("./resident/ResidentPage"), handle: bedside },
  {
    path: "/ward/residents/:id/edit",
    lazy: () => import("./resident/ResidentFormPage"),
    handle: { roles: ["NURSE"], density: "bedside" },
  },
  { path: "/ward/residents/:id/request", lazy: () => import("./request/ReasonPage"), handle: bedside },
  { path: "/ward/requests/:id", lazy: () => import("./request/RequestPage"), handle: request },
  {
    path: "/ward/requests/:id/call",
    lazy: () => import("./call/NurseCallPage"),
    handle: { ...request, bare: true },
  },
];
