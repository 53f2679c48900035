import type { ScreenRoute } from "../app/screen";

/** The screens of administrators and authorities. */
export const adminRoutes: ScreenRoute[] = [];
