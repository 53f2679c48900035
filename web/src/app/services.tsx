import { QueryClient } from "@tanstack/react-query";
import type { i18n } from "i18next";
import { createContext, use } from "react";
import { type Api, createApi } from "../api/client";
import { Connectivity } from "../api/connectivity";
import { ApiError, NetworkError } from "../api/errors";
import { call as callOperation } from "../api/hooks";
import { Sounds } from "../call/sound/Sounds";
import { CallEngine } from "../call/media/CallEngine";
import { LocalMedia } from "../call/media/LocalMedia";
import { Session } from "../auth/Session";
import { DeviceWatch } from "../clock/DeviceWatch";
import { ServerClock } from "../clock/ServerClock";
import { createI18n, languageOf } from "../i18n";
import { Offline } from "../offline/Offline";
import { lateShelf, openShelf } from "../offline/Shelf";
import { connectInvalidation } from "../signaling/invalidation";
import { type Opened, SignalClient } from "../signaling/SignalClient";
import { BuildWatch, isTyping, ownBuild } from "./BuildWatch";

/** What lives as long as the page: made once in main.tsx, given to all by context, so that a test can give its own. */
export interface Services {
  i18n: i18n;
  clock: ServerClock;
  connectivity: Connectivity;
  session: Session;
  api: Api;
  signal: SignalClient;
  query: QueryClient;
  build: BuildWatch;
  /** the one call that a page can have */
  call: CallEngine;
  sounds: Sounds;
  /** what the device keeps for a day without network, and what is still to be sent */
  offline: Offline;
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Events tell of changes; this is for what they do not cover.
        staleTime: 15_000,
        gcTime: 10 * 60_000,
        retry: (failures, error) =>
          error instanceof NetworkError ? failures < 8 : !(error instanceof ApiError) && failures < 1,
        retryDelay: (failures) => Math.min(8000, 500 * 2 ** failures),
        refetchOnWindowFocus: true,
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

export function createServices(): Services {
  const i18n = createI18n();
  const clock = new ServerClock();
  const connectivity = new Connectivity();
  const language = () => languageOf(i18n);
  const session = new Session({
    connectivity,
    language,
    now: () => clock.now(),
    locks: navigator.locks,
    channel: new BroadcastChannel("lz-session"),
    remembered: () => offline.remembered(),
  });
  const api = createApi({ tokens: session, connectivity, language });
  const query = createQueryClient();
  const offline = new Offline({
    shelf: lateShelf(openShelf()),
    api: createApi({ tokens: session, connectivity, language, patience: 0 }),
    query,
    connectivity,
    clock,
    signedIn: () => session.token() !== undefined,
    locks: navigator.locks,
    channel: new BroadcastChannel("lz-offline"),
  });
  const build = new BuildWatch({
    reload: () => location.reload(),
    storage: sessionStorage,
    typing: isTyping,
    own: ownBuild(),
  });
  const signal = new SignalClient({
    url: `${location.origin.replace(/^http/, "ws")}/ws`,
    token: session.token,
    refresh: session.refresh,
    locale: language,
  });

  const call = new CallEngine({
    signal,
    local: new LocalMedia(),
    ticket: (id, epoch) =>
      callOperation(api, "post", "/api/v1/consultations/{id}/ticket", {
        path: { id },
        body: epoch === undefined ? {} : { epoch },
      }),
  });
  call.subscribe(() => {
    build.setBusy(call.active);
    signal.setUrgent(call.active);
    // A call asks over the socket whether the server is there; the banner hears of it as of a request without an answer.
    if (!call.snapshot().reachable) connectivity.unanswered();
  });
  new DeviceWatch().subscribe((news) => {
    signal.nudge(news.slept);
    call.nudge(news);
  });

  let user: string | undefined;
  let known = ""; // as far as the device's store is concerned
  session.subscribe(() => {
    const state = session.snapshot();
    const next = state.phase === "signedIn" ? state.me.id : undefined;
    // Who has to do something first before the server answers has no store yet.
    const due = state.phase === "signedIn" && (state.me.mustChangePassword || state.me.factorDue);
    const now =
      state.phase === "signedIn"
        ? `${state.me.id} ${state.away ?? false} ${due ?? false} ${JSON.stringify(state.me.memberships)}`
        : state.phase;
    if (now !== known && state.phase === "signedIn" && !due)
      void offline.begin(state.me, state.away ?? false);
    else if (now !== known && state.phase === "signedOut") void offline.end();
    known = now;
    if (next === user) return;
    // What one person read is not for the next.
    if (user !== undefined) {
      if (call.active) call.leave();
      query.clear();
    }
    user = next;
  });
  session.onToken((token) => signal.tokenChanged(token));
  signal.onNotice("signIn", () => session.ended("revoked"));
  const opened = ({ serverTime, roundTrip, build: version }: Opened) => {
    connectivity.answered();
    clock.sample(serverTime, roundTrip);
    build.saw(version);
  };
  signal.onNotice("welcome", opened);
  signal.onNotice("resumed", opened);
  connectInvalidation(signal, query);
  return {
    i18n,
    clock,
    connectivity,
    session,
    api,
    signal,
    query,
    build,
    call,
    sounds: new Sounds(),
    offline,
  };
}

const ServicesContext = createContext<Services | null>(null);
export const ServicesProvider = ServicesContext.Provider;

/** The page's services. Screens rarely need them: see the hooks of api, auth and signaling. */
export function useServices(): Services {
  const services = use(ServicesContext);
  if (!services) throw new Error("useServices outside of ServicesProvider");
  return services;
}
