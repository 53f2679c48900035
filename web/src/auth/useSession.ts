import { useSyncExternalStore } from "react";
import type { Me, Role } from "../api/types";
import { useServices } from "../app/services";
import type { SessionState } from "./Session";

/** The state of the sign-in. */
export function useSessionState(): SessionState {
  const { session } = useServices();
  return useSyncExternalStore(session.subscribe, session.snapshot);
}

/** The person who is signed in. Only below the routes that require it. */
export function useMe(): Me {
  const state = useSessionState();
  if (state.phase !== "signedIn") throw new Error("useMe while signed out");
  return state.me;
}

/** Whether the person has one of the roles, anywhere. */
export function hasRole(me: Me, ...roles: Role[]): boolean {
  return me.memberships.some((m) => roles.includes(m.role));
}
