import { useCallback, useEffect, useRef, useState } from "react";
import type { Schemas } from "../api";
import { useServices } from "../app/services";
import { type Act, isConflict } from "../offline/acts";
import type { Visit } from "./parts";

export type Content = Schemas["VisitRecordContent"];

/** What is typed and not saved, with what it was typed over. */
export interface Draft {
  content: Content;
  base: { revision: number; content: Content };
}

/** ms after the last key until what is typed lies on the device */
const pause = 400;

/**
 * What is typed into the record of a visit. It lies on the device at once; saving writes an act, which is sent when the server can be
 * reached. `server` is the visit as the server has it, `of` with the acts counted in, `draft` what the device kept.
 */
export function useRecordDraft(of: Visit, server: Visit, acts: readonly Act[], draft: Draft | null) {
  const { offline, clock } = useServices();
  const [content, setContent] = useState<Content>(draft?.content ?? of.record ?? {});
  const [dirty, setDirty] = useState(draft !== null);
  const [base, setBase] = useState(
    draft?.base ?? { revision: server.recordRevision, content: server.record ?? {} },
  );
  const [saving, setSaving] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const latest = useRef<Draft | null>(draft);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const saved = useRef<string>(undefined);
  const held = acts.filter((act) => act.state === "HELD" && act.kind !== "STEP" && act.kind !== "BOOKING");
  const conflict = held.some((act) => act.kind === "RECORD" && isConflict(act));

  // What the server has becomes what one writes over: when nothing is typed here, and when it is what was saved here.
  const theirs = JSON.stringify(server.record ?? {});
  useEffect(() => {
    if (acts.some((act) => act.kind === "RECORD")) return;
    if (dirty && theirs !== saved.current) return;
    setBase({ revision: server.recordRevision, content: JSON.parse(theirs) as Content });
    if (!dirty) setContent(JSON.parse(theirs) as Content);
  }, [theirs, server.recordRevision, dirty, acts]);

  const keepNow = useCallback(() => {
    clearTimeout(timer.current);
    if (latest.current) void offline.keepDraft(`visit ${of.id}`, latest.current).catch(setFailed);
  }, [offline, of.id]);
  useEffect(() => {
    const hidden = () => document.visibilityState === "hidden" && keepNow();
    document.addEventListener("visibilitychange", hidden);
    return () => {
      document.removeEventListener("visibilitychange", hidden);
      keepNow();
    };
  }, [keepNow]);
  const change = (next: Content) => {
    setContent(next);
    setDirty(true);
    latest.current = { content: next, base };
    clearTimeout(timer.current);
    timer.current = setTimeout(keepNow, pause);
  };
  const put = (patch: Partial<Content>) => change({ ...content, ...patch });
  const save = async () => {
    setSaving(true);
    setFailed(undefined);
    const body = { revision: base.revision, content, at: new Date(clock.now()).toISOString() };
    const refused = held.find((act) => act.kind === "RECORD");
    try {
      if (refused) {
        await offline.log.again(refused, { at: body.at, body, base: base.content } as Partial<Act>);
        offline.retry();
      } else
        await offline.act({
          kind: "RECORD",
          about: { kind: "visit", id: of.id },
          who: of.residentName,
          at: body.at,
          body,
          base: base.content,
        });
      saved.current = JSON.stringify(content);
      latest.current = null;
      clearTimeout(timer.current);
      setDirty(false);
      await offline.dropDraft(`visit ${of.id}`);
    } catch (error) {
      setFailed(error);
    } finally {
      setSaving(false);
    }
  };
  return { content, change, put, base, dirty, held, conflict, save, saving, failed, setFailed };
}
