import type { ScreenRoute } from "../app/screen";

/** The nurse's screens. */
export const bedsideRoutes: ScreenRoute[] = [];
