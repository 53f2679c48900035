import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import type { Consultation } from "../../api";
import { EmergencyContext } from "./context";
import { EmergencySheet } from "./EmergencySheet";
import { useEmergencyLog } from "./useEmergencyLog";

/**
 * Holds the emergency sheet of a request and the log of what was done, so that both live as long as the request's page.
 * `?emergency=1` in the address opens it.
 */
export function EmergencyProvider({ c, children }: { c: Consultation; children: ReactNode }) {
  const [search, setSearch] = useSearchParams();
  const [flags, setFlags] = useState<string[]>([]);
  const [open, setOpen] = useState(search.get("emergency") === "1");
  const log = useEmergencyLog(c);
  const { log: write } = log;
  const opened = log.doneAt("SHEET_OPENED") !== undefined;

  const show = useCallback((flag?: string) => {
    if (flag) setFlags((known) => [...new Set([...known, flag])]);
    setOpen(true);
  }, []);
  useEffect(() => {
    if (open && !opened) write("SHEET_OPENED");
  }, [open, opened, write]);
  const close = () => {
    setOpen(false);
    if (!search.has("emergency")) return;
    const rest = new URLSearchParams(search);
    rest.delete("emergency");
    setSearch(rest, { replace: true });
  };
  const value = useMemo(() => ({ open: show }), [show]);
  return (
    <EmergencyContext value={value}>
      {children}
      <EmergencySheet
        c={c}
        flags={[...new Set([...c.redFlags, ...flags])]}
        log={log}
        open={open}
        onClose={close}
      />
    </EmergencyContext>
  );
}
