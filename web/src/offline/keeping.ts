import type { QueryKey } from "@tanstack/react-query";
import type { Me, Role } from "../api/types";

/** Who works away from the network: who visits, and who calls from the bedside. The others keep nothing on their devices. */
const roles: ReadonlySet<Role> = new Set(["FAMILY_DOCTOR", "ATTENDING", "NURSE"] as const);

export function worksOffline(me: Me): boolean {
  return me.memberships.some((m) => roles.has(m.role));
}

/** Reads whose last answer is kept on the device for when nobody answers. Nothing else that the server tells is. */
const always = new Set<unknown>([
  "/api/v1/meta",
  "/api/v1/catalogue",
  "/api/v1/visit-routes",
  "/api/v1/appointment-kinds",
  "/api/v1/residents", // the ward's cards, for a request that is composed without network
  "/api/v1/duty",
]);

/** The name under which an answer is kept; undefined: it is not. */
export function nameOf(key: QueryKey): string | undefined {
  const [path, input] = key as [unknown, Record<string, unknown> | undefined];
  if (always.has(path)) return JSON.stringify(key);
  // One person's day, and one visit: not the lists for planning.
  if (path === "/api/v1/visits" && input?.["userId"] && input["from"] === input["to"])
    return JSON.stringify(key);
  if (path === "/api/v1/visits/{id}") return JSON.stringify(key);
  return undefined;
}

/** ms that an answer is kept at most: a day sheet of the day before yesterday is of no use. */
export const keptFor = 48 * 3_600_000;
