import { useCallback, useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { type Consultation, readKey, type Schemas, useRead } from "../api";
import { useServices } from "../app/services";

export type Round = Schemas["Round"];
export type Entry = Schemas["RoundEntry"];

/** A round; events say when it is to be read again. */
export function useRound(id: string | undefined) {
  return useRead("/api/v1/rounds/{id}", { path: { id: id ?? "" } }, { enabled: id !== undefined });
}

/** Whose turn it is. */
export function nowOf(round: Round | undefined): Entry | undefined {
  return round?.entries.find((e) => e.state === "NOW");
}

/** Who comes next in order, whether or not something is missing. */
export function nextOf(round: Round | undefined): Entry | undefined {
  return round?.entries.find((e) => e.state === "NOT_YET");
}

/** The page of the call about a resident. */
export function callPath(round: Round, entry: Entry): string | undefined {
  if (!entry.consultationId) return undefined;
  return round.doctoring ? `/work/${entry.consultationId}` : `/ward/requests/${entry.consultationId}/call`;
}

/**
 * Goes to the page of the call about the resident whose turn it is. What the device still knows of the draft is forgotten first: a page that
 * opened with it would take the call for not begun and leave it.
 */
export function useToTurn(): (round: Round, replace?: boolean) => void {
  const { query } = useServices();
  const navigate = useNavigate();
  return useCallback(
    (round: Round, replace = true) => {
      const now = nowOf(round);
      const path = now && callPath(round, now);
      if (!path || round.state !== "RUNNING" || !now.consultationId) return;
      const key = readKey("/api/v1/consultations/{id}", { path: { id: now.consultationId } });
      if (query.getQueryData<Consultation>(key)?.state === "DRAFT")
        query.removeQueries({ queryKey: key, exact: true });
      void navigate(path, { replace });
    },
    [query, navigate],
  );
}

/** Keeps a round that came with an answer, and has lists read again. */
export function useKeepRound(): (round: Round) => void {
  const { query } = useServices();
  return useCallback(
    (round: Round) => {
      query.setQueryData(readKey("/api/v1/rounds/{id}", { path: { id: round.id } }), round);
      void query.invalidateQueries({ queryKey: ["/api/v1/rounds"] });
    },
    [query],
  );
}

/**
 * On the page of a consultation whose turn it is: when the turn goes on to the next resident, by whoever moved on, the page follows, and the
 * call stays. A page of an earlier resident, which was opened to write, stays as it is. Says whether the turn is elsewhere.
 */
export function useFollowRound(c: Pick<Consultation, "id" | "roundId">): Round | undefined {
  const toTurn = useToTurn();
  const round = useRound(c.roundId).data;
  const mine = useRef(false);
  const here = nowOf(round)?.consultationId === c.id;
  useEffect(() => {
    if (here) mine.current = true;
    else if (mine.current && round) toTurn(round);
  }, [here, round, toTurn]);
  return round;
}
