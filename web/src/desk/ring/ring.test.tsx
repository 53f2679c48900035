import { act, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { renderDesk } from "../testing/renderDesk";
import { aQueue, aQueueItem } from "../testing/samples";
import { audible, noRings, reconciled, silenced, started, stopped } from "./rings";
import { RingWatch } from "./RingWatch";

const event = {
  consultationId: aQueueItem(1).id,
  offerId: "o",
  epoch: 1,
  urgency: "EMERGENT" as const,
  bed: "01",
  institution: "阳光颐养院",
  reasons: ["OTHER"],
  expiresAt: "2026-11-20T06:40:00Z",
};

describe("rings", () => {
  it("rings once for a consultation however often it is told", () => {
    expect(started(started(noRings, event), event).ringing).toHaveLength(1);
  });

  it("is quiet when silenced, and heard again when it is offered anew", () => {
    const quiet = silenced(started(noRings, event), event.consultationId);
    expect(audible(quiet)).toHaveLength(0);
    expect(quiet.ringing).toHaveLength(1);
    expect(audible(started(quiet, event))).toHaveLength(1);
  });

  it("stops what no longer waits and begins what was missed", () => {
    const missed = aQueueItem(2, { offeredToMe: true });
    const next = reconciled(started(noRings, event), aQueue({ waiting: [missed] }));
    expect(next.ringing.map((r) => r.consultationId)).toEqual([missed.id]);
  });

  it("keeps its identity when nothing changes, so that nothing is drawn again", () => {
    const known = started(noRings, event);
    expect(reconciled(known, aQueue({ waiting: [aQueueItem(1)] }))).toBe(known);
    expect(stopped(known, "other")).toBe(known);
  });
});

describe("RingWatch", { timeout: 60_000 }, () => {
  it("sounds and counts in the title from ring to ring.stop", async () => {
    document.title = "联诊";
    const desk = renderDesk([{ path: "/", element: <RingWatch /> }], "/", ({ path }) =>
      path === "/api/v1/queue" ? { body: aQueue({ waiting: [aQueueItem(1)] }) } : undefined,
    );
    await waitFor(() => expect(desk.asked).toHaveLength(1));
    expect(desk.sounds.ring).not.toHaveBeenCalled();

    act(() => desk.emit("ring", event));
    await waitFor(() => expect(desk.sounds.ring).toHaveBeenCalledTimes(1));
    expect(document.title).toBe("(1) 联诊");

    // A page that is opened meanwhile keeps the number.
    document.title = "随访 · 联诊";
    await waitFor(() => expect(document.title).toBe("(1) 随访 · 联诊"));

    desk.sounds.stop.mockClear();
    act(() =>
      desk.emit("ring.stop", {
        consultationId: event.consultationId,
        result: "claimed",
        doctorName: "赵医生",
      }),
    );
    await waitFor(() => expect(desk.sounds.stop).toHaveBeenCalled());
    expect(document.title).toBe("随访 · 联诊");
  });
});
