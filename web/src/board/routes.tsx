import type { ScreenRoute } from "../app/screen";
import { BoardLabel } from "./BoardLabel";

/** The dispatcher's screen. */
export const boardRoutes: ScreenRoute[] = [
  {
    path: "/board",
    lazy: () => import("./BoardPage"),
    handle: { roles: ["DISPATCHER"], density: "desk", nav: BoardLabel },
  },
];
