import type { Schemas } from "../api/types";

type Visit = Schemas["Visit"];
type Content = Schemas["VisitRecordContent"];
type Step = Schemas["VisitStep"];

/** What is asked of the server, by operation. The id of the act is the idempotency key. */
export type Deed =
  | { kind: "STEP"; body: Step & { at: string } }
  | { kind: "RECORD"; body: Schemas["VisitRecordInput"]; base: Content }
  | { kind: "PHOTO" }
  | { kind: "SIGNATURE"; body: Schemas["VisitSignature"] & { at: string } }
  | { kind: "BOOKING"; body: Schemas["AppointmentInput"]; kindName: string }
  | { kind: "REQUEST"; body: Schemas["ConsultationInput"] }
  | { kind: "VITALS"; body: { readings: Schemas["VitalInput"][] } }
  | { kind: "SUBMIT"; body: Schemas["SubmitRequest"] };

/** What the server said when it did not take an act. */
export interface Refusal {
  /** HTTP status */
  status: number;
  problem: Schemas["Problem"];
}

/**
 * An act of the person: written down first, sent when the server can be reached.
 *
 * WAITING is to be sent; HELD was not taken and waits for the person's decision: a conflict with what somebody else did
 * meanwhile (`refusal.problem.visit` is what the server has now), or a refusal.
 */
export type Act = {
  id: string;
  /** what it is about; acts about one thing are sent in their order */
  about: { kind: "visit" | "request"; id: string };
  /** whom it concerns, for the list of what is not sent */
  who: string;
  /** RFC 3339, when the person did it */
  at: string;
  state: "WAITING" | "HELD";
  refusal?: Refusal;
  /** how often it was sent without an answer, or before one was read */
  tries: number;
} & Deed;

/** An act before it has an id. */
export type NewAct = Pick<Act, "about" | "who"> & { at?: string } & Deed;

/** What is about the same thing. */
export const aboutOf = (act: Act): string => `${act.about.kind} ${act.about.id}`;

/** Whether the refusal tells of something that somebody did meanwhile, rather than of something wrong in the act. */
export function isConflict(act: Act): boolean {
  return act.state === "HELD" && act.refusal?.status === 409;
}

/** Whether the step was taken already, on another device or by somebody else: what the person did is there, only not by this device. */
export function isRepeated(act: Act): boolean {
  return (
    act.kind === "STEP" &&
    isConflict(act) &&
    (act.refusal?.problem.visit?.events ?? []).some((event) => event.type === act.body.action)
  );
}

/**
 * The next act to send: the earliest that waits, of those before which nothing of the same thing is held. A record that is in
 * conflict holds up only later versions of itself: steps, pictures and signatures do not depend on its words.
 */
export function nextToSend(acts: readonly Act[]): Act | undefined {
  const held = new Set<string>();
  for (const act of acts) {
    const about = aboutOf(act);
    const lane = act.kind === "RECORD" || act.kind === "BOOKING" ? `${about} ${act.kind}` : about;
    if (act.state === "HELD") held.add(lane);
    else if (!held.has(about) && !held.has(lane)) return act;
  }
  return undefined;
}

/** What of the server's answer to a sent act the acts behind it must know: the record's new revision. */
export function rebased(acts: readonly Act[], sent: Act, answer: unknown): Act[] {
  if (sent.kind !== "RECORD") return [];
  const { recordRevision } = answer as Visit;
  const changed: Act[] = [];
  for (const act of acts) {
    if (act.id <= sent.id || act.kind !== "RECORD" || aboutOf(act) !== aboutOf(sent)) continue;
    if (act.tries > 0) continue; // the server may know it with this revision
    changed.push({ ...act, base: sent.body.content, body: { ...act.body, revision: recordRevision } });
  }
  return changed;
}

/** An earlier act that the new one makes needless: a record that waits and was never sent. */
export function replacedBy(acts: readonly Act[], fresh: Act): Act | undefined {
  if (fresh.kind !== "RECORD") return undefined;
  return acts.findLast(
    (act) =>
      act.kind === "RECORD" && aboutOf(act) === aboutOf(fresh) && act.state === "WAITING" && act.tries === 0,
  );
}
