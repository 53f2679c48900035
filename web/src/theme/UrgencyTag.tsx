import type { Urgency } from "../api/types";
import { useCatalogue } from "../api/catalogue";
import { Tone, type ToneKind } from "./Tone";

const tones: Record<Urgency, ToneKind> = {
  CRITICAL: "danger",
  EMERGENT: "emergent",
  URGENT: "caution",
  ROUTINE: "primary",
  SCHEDULED: "muted",
};

/** The colour name of an urgency, for the bar at the edge of a row: `var(--lz-${urgencyTone(u)})`. */
export function urgencyTone(urgency: Urgency): ToneKind {
  return tones[urgency];
}

/** The mark of an urgency: two triangles, one, a dot, a ring, a clock. */
export function UrgencyMark({ urgency }: { urgency: Urgency }) {
  const wide = urgency === "CRITICAL";
  return (
    <svg
      width={wide ? "1.6em" : "0.9em"}
      height="0.9em"
      viewBox={wide ? "0 0 18 10" : "0 0 10 10"}
      fill="currentColor"
      aria-hidden
    >
      {urgency === "CRITICAL" && <path d="M0 10 4.5 1 9 10zM9 10l4.5-9L18 10z" />}
      {urgency === "EMERGENT" && <path d="M0 10 5 1l5 9z" />}
      {urgency === "URGENT" && <circle cx="5" cy="5" r="4.5" />}
      {urgency === "ROUTINE" && (
        <circle cx="5" cy="5" r="3.8" fill="none" stroke="currentColor" strokeWidth="1.4" />
      )}
      {urgency === "SCHEDULED" && (
        <path
          d="M5 1.2a3.8 3.8 0 1 1 0 7.6 3.8 3.8 0 0 1 0-7.6M5 2.6V5h2"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.3"
        />
      )}
    </svg>
  );
}

/** Urgency with colour, mark and word. */
export function UrgencyTag({ urgency }: { urgency: Urgency }) {
  const label = useCatalogue().label("urgencies", urgency);
  return (
    <Tone kind={tones[urgency]} icon={<UrgencyMark urgency={urgency} />}>
      {label}
    </Tone>
  );
}
