import { describe, expect, it } from "vitest";
import { progressOf } from "./progress";
import { graver, needsReason } from "./urgency";

describe("urgency", () => {
  it("may be raised freely, and lowered only with a reason", () => {
    expect(needsReason("URGENT", "EMERGENT")).toBe(false);
    expect(needsReason("URGENT", "URGENT")).toBe(false);
    expect(needsReason("URGENT", "ROUTINE")).toBe(true);
    expect(needsReason("CRITICAL", "EMERGENT")).toBe(true);
  });

  it("of two grounds is the graver", () => {
    expect(graver("ROUTINE", "CRITICAL")).toBe("CRITICAL");
    expect(graver("EMERGENT", "URGENT")).toBe("EMERGENT");
  });
});

it("the state decides what the nurse sees", () => {
  expect(progressOf("DRAFT")).toBe("draft");
  expect(progressOf("OFFERED")).toBe("waiting");
  for (const state of ["ACCEPTED", "WAITING", "IN_PROGRESS", "ABORTED_TECH"] as const) {
    expect(progressOf(state)).toBe("answered");
  }
  expect(progressOf("REPORT_PENDING")).toBe("after");
  for (const state of ["CANCELLED", "TO_EMERGENCY", "VOIDED"] as const)
    expect(progressOf(state)).toBe("closed");
});
