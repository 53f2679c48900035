import { createBrowserRouter, type RouteObject } from "react-router";
import { CallProvider } from "../call/CallProvider";
import { Frame } from "./Frame";
import { Home } from "./Home";
import { DeniedPage, NotFoundPage } from "./MessagePages";
import { RequireSession } from "./RequireSession";
import { RouteError } from "./RouteError";
import { PageSkeleton } from "./PageSkeleton";
import { screens } from "./screens";

/** All routes. */
export function routes(): RouteObject[] {
  return [
    {
      errorElement: <RouteError />,
      hydrateFallbackElement: <PageSkeleton />,
      children: [
        { path: "/login", lazy: () => import("../auth/LoginPage") },
        { path: "/rate", lazy: () => import("../around/RatePage") },
        { path: "/check", lazy: () => import("../life/CheckPrintPage") },
        { path: "/f", lazy: () => import("../reminders/FamilyPage") },
        { path: "/confirm", lazy: () => import("../auth/ConfirmPage") },
        { path: "/password", lazy: () => import("../auth/PasswordPage") },
        {
          element: (
            <RequireSession>
              <CallProvider>
                <Frame />
              </CallProvider>
            </RequireSession>
          ),
          children: [
            { index: true, element: <Home /> },
            {
              errorElement: <RouteError />,
              children: [
                ...screens,
                { path: "/denied", element: <DeniedPage /> },
                { path: "*", element: <NotFoundPage /> },
              ],
            },
          ],
        },
      ],
    },
  ];
}

export function createRouter() {
  return createBrowserRouter(routes());
}
