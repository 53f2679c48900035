import { useCallback } from "react";
import { useServices } from "../app/services";

/** Reads visits, beds and alarms again after something was done to one. */
export function useVisitsRefresh(): () => void {
  const { query } = useServices();
  return useCallback(() => {
    for (const key of [
      "/api/v1/visits",
      "/api/v1/visits/{id}",
      "/api/v1/home-beds",
      "/api/v1/home-beds/{id}",
      "/api/v1/visit-alarms",
      "/api/v1/visit-routes",
    ])
      void query.invalidateQueries({ queryKey: [key] });
  }, [query]);
}

/** Where the device is, if it says so within a few seconds; a visit never waits for it. */
export function locate(): Promise<{ lon: number; lat: number; metres: number } | undefined> {
  return new Promise((resolve) => {
    if (!("geolocation" in navigator)) {
      resolve(undefined);
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        resolve({
          lon: coords.longitude,
          lat: coords.latitude,
          metres: Math.min(100_000, Math.round(coords.accuracy)),
        }),
      () => resolve(undefined),
      { enableHighAccuracy: true, timeout: 5_000, maximumAge: 60_000 },
    );
  });
}
