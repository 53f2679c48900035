import { Navigate } from "react-router";
import { homeOf } from "../auth/home";
import { useMe } from "../auth/useSession";
import { PageSkeleton } from "./PageSkeleton";

/** Sends each person to the first page of the role; the skeleton stands until that page's code has come. */
export function Home() {
  const home = homeOf(useMe());
  return (
    <>
      <PageSkeleton />
      <Navigate to={home} replace />
    </>
  );
}
