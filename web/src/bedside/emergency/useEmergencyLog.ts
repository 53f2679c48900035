import { useCallback, useEffect, useReducer, useRef } from "react";
import { type Consultation, NetworkError, type Schemas, useCommand } from "../../api";
import { useServices } from "../../app/services";

type StepCode = Schemas["EmergencyStepRequest"]["step"];

/** One act of the emergency sheet with the time at which it was done at the bedside. */
export interface LoggedStep {
  step: StepCode;
  measure?: string;
  /** RFC 3339, by the server's clock */
  at: string;
  /** whether the server has it */
  stored: boolean;
  /** the server refused it for good */
  refused?: boolean;
}

/** How long to wait before sending again when nobody answers, ms. */
const retryAfter = 3000;

const key = (id: string) => `lz-emergency-${id}`;

function remembered(id: string): LoggedStep[] {
  try {
    const known: unknown = JSON.parse(sessionStorage.getItem(key(id)) ?? "[]");
    return Array.isArray(known) ? (known as LoggedStep[]) : [];
  } catch {
    return [];
  }
}

function later(): Promise<Partial<LoggedStep>> {
  return new Promise((resolve) => {
    setTimeout(() => resolve({}), retryAfter);
  });
}

type Action = { type: "add"; step: LoggedStep } | { type: "settle"; at: number; change: Partial<LoggedStep> };

function reduce(steps: LoggedStep[], action: Action): LoggedStep[] {
  if (action.type === "add") return [...steps, action.step];
  return steps.map((step, i) => (i === action.at ? { ...step, ...action.change } : step));
}

/**
 * The times of the emergency sheet. An act counts from the tap: it is kept on the tablet and sent in order, again and again
 * while there is no network, so that nobody waits for the network in an emergency. The server's own timeline fills in what
 * was logged on another device.
 */
export function useEmergencyLog(c: Pick<Consultation, "id" | "timeline">) {
  const { clock } = useServices();
  const { mutateAsync } = useCommand("post", "/api/v1/consultations/{id}/emergency-steps");
  const [steps, dispatch] = useReducer(reduce, c.id, remembered);
  const sending = useRef(false);

  useEffect(() => sessionStorage.setItem(key(c.id), JSON.stringify(steps)), [c.id, steps]);

  useEffect(() => {
    const at = steps.findIndex((step) => !step.stored && !step.refused);
    const next = steps[at];
    if (!next || sending.current) return;
    sending.current = true;
    const { step, measure, at: when } = next;
    mutateAsync({ path: { id: c.id }, body: { step, at: when, ...(measure ? { measure } : {}) } })
      .then((): Partial<LoggedStep> => ({ stored: true }))
      .catch((error: unknown) => (error instanceof NetworkError ? later() : { refused: true }))
      .then((change) => {
        sending.current = false;
        dispatch({ type: "settle", at, change });
      })
      .catch(() => undefined);
  }, [steps, c.id, mutateAsync]);

  const log = useCallback(
    (step: StepCode, measure?: string) => {
      dispatch({
        type: "add",
        step: {
          step,
          at: new Date(clock.now()).toISOString(),
          stored: false,
          ...(measure ? { measure } : {}),
        },
      });
    },
    [clock],
  );

  const all = [...fromTimeline(c.timeline), ...steps];
  return {
    log,
    /** when an act was done first, undefined when it was not */
    doneAt: (step: StepCode, measure?: string): LoggedStep | undefined =>
      all.find((s) => s.step === step && (measure === undefined || s.measure === measure)),
    refused: steps.some((step) => step.refused),
    /** acts that the server does not have yet */
    unsent: steps.filter((step) => !step.stored && !step.refused).length,
  };
}

function fromTimeline(timeline: Consultation["timeline"]): LoggedStep[] {
  return timeline.flatMap((event) => {
    const { step, measure, deviceAt } = event.data ?? {};
    if (typeof step !== "string") return [];
    return [
      {
        step: step as StepCode,
        at: typeof deviceAt === "string" ? deviceAt : event.at,
        stored: true,
        ...(typeof measure === "string" ? { measure } : {}),
      },
    ];
  });
}
