import { createContext, use } from "react";

/** The emergency sheet of the request that is shown. */
export interface Emergency {
  /** opens the sheet; `flag`: the sign of danger that was just chosen */
  open: (flag?: string) => void;
}

export const EmergencyContext = createContext<Emergency | null>(null);

export function useEmergency(): Emergency {
  const emergency = use(EmergencyContext);
  if (!emergency) throw new Error("useEmergency outside of EmergencyProvider");
  return emergency;
}
