import { useCallback, useEffect, useEffectEvent, useRef, useState } from "react";
import type { Consultation } from "../../api";
import { useRequestSection } from "./useRequestSection";

/** How long after the last key the text is saved, ms. */
const pause = 800;

/** Somebody else changed the text meanwhile. */
class Conflict extends Error {
  constructor(readonly theirs: string) {
    super("the complaint was changed by somebody else");
  }
}

export type ComplaintState =
  | { phase: "idle" }
  | { phase: "typing" }
  | { phase: "saving" }
  | { phase: "saved"; at: Date }
  | { phase: "conflict"; theirs: string }
  | { phase: "failed"; error: unknown };

/**
 * The complaint as it is being typed. It saves itself; when somebody else has written meanwhile, both texts are kept until
 * the nurse decides. Text that was not touched here follows the server.
 */
export function useComplaint(c: Pick<Consultation, "id" | "complaint">, now: () => Date) {
  const server = c.complaint ?? "";
  const update = useRequestSection(c.id);
  const [text, setText] = useState(server);
  const [state, setState] = useState<ComplaintState>({ phase: "idle" });
  /** the server's text that ours grew from */
  const base = useRef(server);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(text);
  const dirty = state.phase === "typing" || state.phase === "conflict" || state.phase === "failed";

  const save = useCallback(async () => {
    clearTimeout(timer.current);
    const mine = latest.current;
    setState({ phase: "saving" });
    try {
      await update((known) => {
        const theirs = known.complaint ?? "";
        if (theirs !== base.current && theirs !== mine) throw new Conflict(theirs);
        return { complaint: mine };
      });
      base.current = mine;
      // More may have been typed while this was on its way.
      if (latest.current === mine) setState({ phase: "saved", at: now() });
    } catch (error) {
      setState(
        error instanceof Conflict ? { phase: "conflict", theirs: error.theirs } : { phase: "failed", error },
      );
    }
  }, [update, now]);

  const type = (next: string) => {
    setText(next);
    latest.current = next;
    setState((s) => (s.phase === "conflict" ? s : { phase: "typing" }));
    clearTimeout(timer.current);
    if (state.phase !== "conflict") timer.current = setTimeout(() => void save(), pause);
  };

  // A change by somebody else, while nothing here is unsaved.
  useEffect(() => {
    if (dirty || state.phase === "saving" || server === base.current) return;
    base.current = server;
    latest.current = server;
    setText(server);
  }, [server, dirty, state.phase]);

  const flush = useEffectEvent(() => {
    if (state.phase === "typing") void save();
  });
  useEffect(() => () => flush(), []);

  return {
    text,
    type,
    state,
    /** saves at once, when the field is left */
    flush: () => {
      if (state.phase === "typing") void save();
    },
    retry: () => void save(),
    /** ends a conflict: `mine` overwrites theirs, `theirs` drops mine, `both` puts mine below theirs */
    resolve: (choice: "mine" | "theirs" | "both") => {
      if (state.phase !== "conflict") return;
      const { theirs } = state;
      base.current = theirs;
      const kept =
        choice === "mine" ? latest.current : choice === "theirs" ? theirs : `${theirs}\n${latest.current}`;
      latest.current = kept;
      setText(kept);
      if (choice === "theirs") setState({ phase: "saved", at: now() });
      else void save();
    },
  };
}
