import type { ReactNode } from "react";
import { Navigate, useLocation } from "react-router";
import { useSessionState } from "../auth/useSession";
import { PageSkeleton } from "./PageSkeleton";

/** Shows its children to signed-in people; sends others to sign in, and back again afterwards. */
export function RequireSession({ children }: { children: ReactNode }) {
  const state = useSessionState();
  const { pathname, search } = useLocation();
  if (state.phase === "restoring") return <PageSkeleton />;
  if (state.phase === "signedOut") {
    return <Navigate to="/login" replace state={{ from: pathname + search, reason: state.reason }} />;
  }
  if (state.me.mustChangePassword)
    return <Navigate to="/password" replace state={{ from: pathname + search }} />;
  if (state.me.factorDue) return <Navigate to="/confirm" replace state={{ from: pathname + search }} />;
  return children;
}
