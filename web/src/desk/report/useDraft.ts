import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { call, type Consultation, readKey, useCommand } from "../../api";
import { useServices } from "../../app/services";
import { DraftKeeper, type DraftState } from "./DraftKeeper";
import type { ReportContent } from "./merge";
import { presetOf } from "./preset";

export interface Draft extends DraftState {
  change: DraftKeeper["change"];
  flush: DraftKeeper["flush"];
  resolve: DraftKeeper["resolve"];
  missing: DraftKeeper["missing"];
}

const consultationPath = "/api/v1/consultations/{id}";

/** The report of a consultation while it is written; it saves itself. Key the caller by the consultation. */
export function useDraft(c: Consultation): Draft {
  const { t } = useTranslation("desk");
  const { api } = useServices();
  const client = useQueryClient();
  const { mutateAsync } = useCommand("put", "/api/v1/consultations/{id}/report-draft");
  const [keeper] = useState(() => {
    const { id, epoch } = c;
    const queryKey = readKey(consultationPath, { path: { id } });
    // A correction begins with what was signed.
    const preset: ReportContent =
      c.reports.at(-1)?.content ??
      presetOf(c, t(c.mode === "WRITTEN" ? "report.limitsWritten" : "report.limitsDefault"));
    return new DraftKeeper(
      {
        save: (revision, content) => mutateAsync({ path: { id }, body: { epoch, revision, content } }),
        reload: async () => (await call(api, "get", consultationPath, { path: { id } })).reportDraft,
        // So that the page, when it is opened again, begins with what was saved.
        onSaved: (reportDraft) =>
          client.setQueryData(
            queryKey,
            (known: Consultation | undefined) => known && { ...known, reportDraft },
          ),
      },
      c.reportDraft,
      preset,
    );
  });
  const state = useSyncExternalStore(keeper.subscribe, keeper.snapshot);

  useEffect(() => keeper.saw(c.reportDraft), [keeper, c.reportDraft]);
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (!keeper.dirty) return;
      void keeper.flush();
      event.preventDefault();
    };
    const hide = () => {
      if (document.visibilityState === "hidden" && keeper.dirty) void keeper.flush();
    };
    window.addEventListener("beforeunload", ask);
    document.addEventListener("visibilitychange", hide);
    return () => {
      window.removeEventListener("beforeunload", ask);
      document.removeEventListener("visibilitychange", hide);
      // What was typed in the last two seconds goes out when the page is left.
      if (keeper.dirty) void keeper.flush();
      else keeper.stop();
    };
  }, [keeper]);

  return {
    ...state,
    change: keeper.change.bind(keeper),
    flush: keeper.flush.bind(keeper),
    resolve: keeper.resolve.bind(keeper),
    missing: keeper.missing.bind(keeper),
  };
}
