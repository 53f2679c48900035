import type { ComponentType } from "react";
import type { RouteObject } from "react-router";
import type { Role } from "../api/types";
import type { Density } from "../theme";

/** What the frame must know about a screen. */
export interface ScreenHandle {
  /** who may open it; absent: any signed-in person */
  roles?: readonly Role[];
  /** a role that opens it only in a kind of organisation */
  in?: Partial<Record<Role, "CARE" | "MEDICAL" | "AUTHORITY">>;
  /** of whoever works at a desk; a nurse of a home has the bedside's everywhere */
  density: Density;
  /** its label in the main menu (a component, so that it may show a count); absent: not in the menu */
  nav?: ComponentType;
  /** looked at now and then, by all or by these roles: with a long menu it stands under one entry for all of these */
  seldom?: true | readonly Role[];
  /** fills the window, without the header: the call */
  bare?: boolean;
}

/** A route of the signed-in part. Load the page lazily: `lazy: () => import("./WardPage")` with `export { X as Component }`. */
export type ScreenRoute = RouteObject & { handle: ScreenHandle };
