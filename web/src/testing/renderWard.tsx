import { QueryClientProvider } from "@tanstack/react-query";
import { configure, render } from "@testing-library/react";
import { App, ConfigProvider } from "antd";
import { I18nextProvider } from "react-i18next";
import { createMemoryRouter, Outlet, RouterProvider } from "react-router";
import { createApi } from "../api/client";
import type { Me } from "../api/types";
import { createQueryClient, type Services, ServicesProvider } from "../app/services";
import { bedsideRoutes } from "../bedside/routes";
import { OngoingBar } from "../bedside/parts/OngoingBar";
import { ServerClock } from "../clock/ServerClock";
import { createI18n, type Language } from "../i18n";
import type { Offline } from "../offline/Offline";
import { aPerson, emptyDevice, InstantConnectivity, json } from "./fakes";
import type { FakeWard } from "./FakeWard";

const idleCall = {
  phase: "idle",
  consultationId: undefined,
  path: undefined,
  people: [],
  level: "good",
} as const;

/** The part of the frame that belongs to the nurse. */
function Around() {
  return (
    <>
      <OngoingBar />
      <Outlet />
    </>
  );
}

/**
 * Shows a page of the nurse as a signed-in person sees it, answered by a ward in memory. What needs a browser (sound, socket,
 * media) is still.
 */
export function renderWard(
  ward: FakeWard,
  path: string,
  {
    me = aPerson(),
    language = "zh-CN",
    device = emptyDevice(),
  }: { me?: Me; language?: Language; device?: Offline } = {},
) {
  // Pages are loaded when they are shown, which takes its time on a busy machine.
  configure({ asyncUtilTimeout: 15_000 });
  const clock = new ServerClock(() => Date.parse(ward.meta.serverTime));
  const connectivity = new InstantConnectivity();
  const api = createApi({
    tokens: { token: () => "t", refresh: () => Promise.resolve(undefined) },
    connectivity,
    language: () => language,
    baseUrl: "http://ward.local",
    patience: 0,
    fetch: async (input) => {
      const request = input as Request;
      const { pathname, search } = new URL(request.url);
      const body: unknown = request.headers.get("Content-Type")?.includes("json")
        ? await request.json()
        : undefined;
      const key = request.headers.get("Idempotency-Key");
      const answer = ward.handle({
        method: request.method,
        path: pathname + search,
        body,
        ...(key ? { key } : {}),
      });
      if (answer.status === 0) throw new TypeError("no network");
      return json(answer.body ?? null, answer.status);
    },
  });
  const query = createQueryClient();
  query.setDefaultOptions({ queries: { ...query.getDefaultOptions().queries, retry: false } });
  const still = { on: () => () => undefined, onNotice: () => () => undefined };
  const nothing = () => () => undefined;
  const own = { microphone: { state: "off" }, camera: { state: "off" } };
  const services = {
    api,
    clock,
    connectivity,
    query,
    i18n: createI18n(language),
    session: { subscribe: nothing, snapshot: () => signedIn },
    signal: {
      ...still,
      subscribe: nothing,
      snapshot: () => closed,
      command: () => Promise.reject(new Error("still")),
    },
    offline: device,
    build: { saw: () => undefined },
    call: {
      subscribe: nothing,
      snapshot: () => idleCall,
      active: false,
      local: { subscribe: nothing, snapshot: () => own },
      enter: () => Promise.resolve(),
      leave: () => undefined,
    },
    sounds: {
      subscribe: nothing,
      unlocked: () => true,
      ring: () => undefined,
      stop: () => undefined,
      unlock: () => Promise.resolve(),
    },
  } as unknown as Services;
  const signedIn = { phase: "signedIn", me };
  const closed = { phase: "connecting" };
  const router = createMemoryRouter([{ element: <Around />, children: bedsideRoutes }], {
    initialEntries: [path],
  });
  const shown = render(
    <ServicesProvider value={services}>
      <QueryClientProvider client={query}>
        <I18nextProvider i18n={services.i18n}>
          <ConfigProvider theme={{ token: { motion: false } }} button={{ autoInsertSpace: false }}>
            <App component={false}>
              <RouterProvider router={router} />
            </App>
          </ConfigProvider>
        </I18nextProvider>
      </QueryClientProvider>
    </ServicesProvider>,
  );
  return { ...shown, router, query, services };
}
