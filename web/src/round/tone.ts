import type { ToneKind } from "../theme";
import type { Round } from "./useRound";

export const roundTone: Record<Round["state"], ToneKind> = {
  PLANNED: "primary",
  RUNNING: "claimed",
  PAUSED: "caution",
  DONE: "good",
  CANCELLED: "muted",
};
