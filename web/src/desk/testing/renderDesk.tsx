import { QueryClientProvider } from "@tanstack/react-query";
import { configure, render } from "@testing-library/react";
import { App, ConfigProvider } from "antd";
import { I18nextProvider } from "react-i18next";
import { createMemoryRouter, type RouteObject, RouterProvider } from "react-router";
import { vi } from "vitest";
import type { Me, Problem, Schemas } from "../../api";
import { createApi } from "../../api/client";
import { createQueryClient, type Services, ServicesProvider } from "../../app/services";
import { ServerClock } from "../../clock/ServerClock";
import { createI18n } from "../../i18n";
import { createEmitter } from "../../signaling/emitter";
import { connectInvalidation } from "../../signaling/invalidation";
import type { Events } from "../../signaling";
import type { SignalClient } from "../../signaling/SignalClient";
import catalogue from "../../testing/catalogue.json";
import { aPerson, emptyDevice, InstantConnectivity, json } from "../../testing/fakes";

/** Nothing is registered around the resident. */
const noCareFile: Schemas["CareFile"] = {
  medications: [],
  allergies: [],
  allergyText: "",
  assessments: [],
  assessmentMissing: true,
  documents: [],
  trends: [],
  canEdit: false,
  reviewers: [],
  serverTime: "2026-11-20T06:30:00Z",
};

/** A request as it arrived. */
export interface Asked {
  method: string;
  path: string;
  body: unknown;
}

/** Answers a request with a body, or with a status and a body; undefined: 404. */
export type Hospital = (asked: Asked) => { status?: number; body: unknown } | undefined;

export const consultant: Me = aPerson({
  id: "d1",
  username: "dr.wang",
  name: "王医生",
  memberships: [
    { role: "CONSULTANT", organisationId: "h1", organisationName: "青城医院", organisationKind: "MEDICAL" },
  ],
});

export function problem(code: string, change: Partial<Problem> = {}): Problem {
  return { code, message: `sentence of ${code}`, requestId: "r1", ...change };
}

/**
 * Shows routes as a signed-in doctor sees them, answered by a function. Events are told by `emit`; the presence is AVAILABLE;
 * sounds and media are spies.
 */
export function renderDesk(
  routes: RouteObject[],
  path: string,
  hospital: Hospital,
  { me = consultant, now = "2026-11-20T06:30:00Z" }: { me?: Me; now?: string } = {},
) {
  // Pages are drawn slowly on a busy machine.
  configure({ asyncUtilTimeout: 10_000 });
  const asked: Asked[] = [];
  const clock = new ServerClock(() => Date.parse(now));
  const connectivity = new InstantConnectivity();
  const api = createApi({
    tokens: { token: () => "t", refresh: () => Promise.resolve(undefined) },
    connectivity,
    language: () => "zh-CN",
    baseUrl: "http://hospital.local",
    patience: 0,
    fetch: async (input) => {
      const request = input as Request;
      const { pathname, search } = new URL(request.url);
      if (pathname === "/api/v1/catalogue") return json(catalogue);
      if (pathname.endsWith("/care-file")) return json(noCareFile);
      const body: unknown = request.method === "GET" ? undefined : await request.json();
      const one = { method: request.method, path: pathname + search, body };
      asked.push(one);
      const answer = hospital(one);
      return answer ? json(answer.body, answer.status ?? 200) : json(problem("not_found"), 404);
    },
  });
  const query = createQueryClient();
  query.setDefaultOptions({ queries: { ...query.getDefaultOptions().queries, retry: false } });
  const events = createEmitter<Events>();
  const nothing = () => () => undefined;
  const signedIn = { phase: "signedIn", me };
  const open = { phase: "open" };
  const signal = {
    on: events.on,
    onNotice: nothing,
    subscribe: nothing,
    snapshot: () => open,
    command: vi.fn(() => Promise.resolve({ state: "AVAILABLE" })),
  };
  connectInvalidation(signal as unknown as SignalClient, query);
  const sounds = {
    subscribe: nothing,
    unlocked: () => true,
    ring: vi.fn(),
    stop: vi.fn(),
    unlock: vi.fn(() => Promise.resolve()),
  };
  const own = { microphone: { state: "off" }, camera: { state: "off" } };
  const idle = { phase: "idle", people: [], level: "good" };
  const call = {
    subscribe: nothing,
    snapshot: () => idle,
    active: false,
    local: { subscribe: nothing, snapshot: () => own },
    enter: vi.fn(() => Promise.resolve()),
    leave: vi.fn(),
  };
  const services = {
    offline: emptyDevice(),
    api,
    clock,
    connectivity,
    query,
    i18n: createI18n("zh-CN"),
    session: { subscribe: nothing, snapshot: () => signedIn },
    signal,
    build: { saw: () => undefined },
    call,
    sounds,
  } as unknown as Services;
  const router = createMemoryRouter(routes, { initialEntries: [path] });
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
  return { ...shown, asked, emit: events.emit, sounds, signal, call, router, query };
}
