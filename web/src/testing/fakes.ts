import { Connectivity } from "../api/connectivity";
import type { NewAct } from "../offline/acts";
import type { Offline } from "../offline/Offline";
import type { Me, Session as Grant } from "../api/types";

/** A person for tests. */
export function aPerson(change: Partial<Me> = {}): Me {
  return {
    id: "u1",
    username: "nurse.li",
    name: "李护士",
    locale: "zh-CN",
    mustChangePassword: false,
    memberships: [
      { role: "NURSE", organisationId: "o1", organisationName: "阳光颐养院", organisationKind: "CARE" },
    ],
    ...change,
  };
}

/** A sign-in for tests; `n` tells tokens apart. */
export function aGrant(n: number, change: Partial<Grant> = {}): Grant {
  return {
    accessToken: `token-${n}`,
    expiresAt: new Date(Date.UTC(2026, 0, 1, 8, 0, 0) + n * 600_000).toISOString(),
    me: aPerson(),
    ...change,
  };
}

export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": status >= 400 ? "application/problem+json" : "application/json" },
  });
}

export function refusal(status: number, code: string): Response {
  return json({ code, message: `sentence of ${code}`, requestId: "r1" }, status);
}

/** A device that keeps nothing: reads go to the server, acts are looked at. */
export function emptyDevice(acts: NewAct[] = []) {
  const state = { open: false, acts: [], fetching: false };
  return {
    snapshot: () => state,
    subscribe: () => () => undefined,
    answer: <T>(_key: unknown, ask: () => Promise<T>) => ask(),
    act: (act: NewAct) => Promise.resolve(void acts.push(act)),
    keepDraft: () => Promise.resolve(),
    draft: () => Promise.resolve(undefined),
    dropDraft: () => Promise.resolve(),
    unsent: () => Promise.resolve(0),
    retry: () => undefined,
    log: { photo: () => undefined },
  } as unknown as Offline;
}

/** A connectivity whose pauses pass at once, and which keeps what was asked of it. */
export class InstantConnectivity extends Connectivity {
  readonly pauses: number[] = [];
  override pause(ms: number): Promise<void> {
    this.pauses.push(ms);
    return Promise.resolve();
  }
}
