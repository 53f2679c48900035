import type { ScreenRoute } from "../app/screen";

/** The screens of doctors and attending doctors. */
export const deskRoutes: ScreenRoute[] = [];
