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
  const navigate = useNavigate();
  const round = useRound(c.roundId).data;
  const mine = useRef(false);
  const now = nowOf(round);
  const here = now?.consultationId === c.id;
  const target = round && now && !here ? callPath(round, now) : undefined;
  useEffect(() => {
    if (here) mine.current = true;
    else if (mine.current && target) void navigate(target, { replace: true });
  }, [here, target, navigate]);
  return round;
}
