import type { Schemas } from "../api/types";
import type { Act } from "./acts";

type Visit = Schemas["Visit"];

/** What who goes may do next, by state: the part of the server's table that a device without network needs. */
const next: Record<string, string[]> = {
  BOOKED: ["DEPART", "ARRIVE", "NOT_DONE"],
  EN_ROUTE: ["ARRIVE", "NOT_DONE"],
  ARRIVED: ["LEAVE", "NOT_DONE"],
  LEFT: [],
};

/** Where a step leads, and from where it may be taken. */
const steps: Record<string, { from: string[]; to: string }> = {
  DEPART: { from: ["BOOKED"], to: "EN_ROUTE" },
  ARRIVE: { from: ["BOOKED", "EN_ROUTE"], to: "ARRIVED" },
  LEAVE: { from: ["ARRIVED"], to: "LEFT" },
  NOT_DONE: { from: ["BOOKED", "EN_ROUTE", "ARRIVED"], to: "NOT_DONE" },
};

/**
 * The visit as it is when what was done on this device is counted in: acts that are not sent, in their order. A held step is
 * left out, since the server has refused it; a held record stays, since it is what the person wrote.
 */
export function withActs(visit: Visit, acts: readonly Act[], me: string): Visit {
  let out = visit;
  for (const act of acts) {
    if (act.about.kind !== "visit" || act.about.id !== visit.id) continue;
    if (act.kind === "RECORD") out = { ...out, record: act.body.content };
    if (act.state === "HELD") continue;
    if (act.kind === "STEP") out = stepped(out, act, me);
    if (act.kind === "SIGNATURE")
      out = {
        ...out,
        signedFor: act.body.kind,
        signedForName: act.body.name,
        events: noted(out, "SIGNED_FOR", act, me),
      };
    if (act.kind === "PHOTO") out = { ...out, events: noted(out, "PHOTO_ADDED", act, me) };
  }
  return out;
}

function stepped(visit: Visit, act: Extract<Act, { kind: "STEP" }>, me: string): Visit {
  const { action, at, code, words } = act.body;
  if (action === "BACK") {
    const { expectedBackAt: _, ...rest } = visit;
    return {
      ...rest,
      actions: visit.actions.filter((a) => a !== "BACK"),
      events: noted(visit, action, act, me),
    };
  }
  const step = steps[action];
  // The server has it already, or somebody else did something that this step does not follow from.
  if (!step?.from.includes(visit.state)) return visit;
  const onRoad = visit.state !== "BOOKED";
  const actions = [...(next[step.to] ?? [])];
  if ((step.to === "LEFT" || step.to === "NOT_DONE") && onRoad) actions.push("BACK");
  return {
    ...visit,
    state: step.to,
    actions,
    ...(action === "DEPART" ? { departedAt: at } : {}),
    ...(action === "ARRIVE"
      ? { arrivedAt: at, ...(act.body.place ? { arrivalPlace: act.body.place } : {}) }
      : {}),
    ...(action === "LEAVE" ? { leftAt: at } : {}),
    ...(action === "NOT_DONE" && code ? { endCode: code, ...(words ? { endNote: words } : {}) } : {}),
    events: noted(visit, action, act, me),
  };
}

function noted(visit: Visit, type: string, act: Act, me: string): Visit["events"] {
  return [...visit.events, { type, at: act.at, actor: me }];
}
