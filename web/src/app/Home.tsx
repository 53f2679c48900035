import { Navigate } from "react-router";
import { homeOf } from "../auth/home";
import { useMe } from "../auth/useSession";

/** Sends each person to the first page of the role. */
export function Home() {
  return <Navigate to={homeOf(useMe())} replace />;
}
