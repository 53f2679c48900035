import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { problem, renderDesk } from "../testing/renderDesk";
import { aQueue, aQueueItem, emptyWorklist } from "../testing/samples";
import { ringLeft, waited } from "./pace";
import { Component as QueuePage } from "./QueuePage";
import { moved } from "./selection";

const first = aQueueItem(1);
const second = aQueueItem(2, { resident: { name: "乌***", sex: "2", age: 78, bed: "02" } });

function open(claim: { status?: number; body: unknown }) {
  return renderDesk(
    [
      { path: "/queue", element: <QueuePage /> },
      { path: "/work/:id", element: <p>工作台</p> },
    ],
    "/queue",
    ({ method, path }) => {
      if (path === "/api/v1/queue") return { body: aQueue({ waiting: [first, second] }) };
      if (path === "/api/v1/worklist") return { body: emptyWorklist };
      return method === "POST" && path.endsWith("/claim") ? claim : undefined;
    },
  );
}

describe("the queue", { timeout: 60_000 }, () => {
  it("is worked with the keyboard: down, then Enter answers the second", async () => {
    const user = userEvent.setup();
    const desk = open({ body: {} });
    expect(await screen.findByRole("row", { name: /01 床/ })).toHaveProperty("ariaSelected", "true");
    await user.keyboard("{ArrowDown}");
    expect(screen.getByRole("row", { name: /02 床/ }).getAttribute("aria-selected")).toBe("true");
    await user.keyboard("{ArrowDown}{Enter}");
    await screen.findByText("工作台");
    expect(desk.asked.find((a) => a.method === "POST")).toMatchObject({
      path: `/api/v1/consultations/${second.id}/claim`,
      body: { epoch: second.epoch },
    });
  });

  it("tells the loser who won, without an alarm, and stays", async () => {
    const user = userEvent.setup();
    open({
      status: 409,
      body: problem("already_claimed", {
        current: { state: "ACCEPTED", epoch: 2, doctorName: "赵医生" },
      }),
    });
    const row = await screen.findByRole("row", { name: /01 床/ });
    await user.click(within(row).getByRole("button", { name: "接听" }));
    expect(await screen.findByText("赵医生已接听 01 床 张*")).toBeDefined();
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(screen.queryByRole("alert")).toBeNull();
    await waitFor(() =>
      expect(within(row).getByRole("button", { name: "接听" })).toHaveProperty("disabled", false),
    );
  });
});

describe("a request that rings", { timeout: 60_000 }, () => {
  it("counts down, and is declined with a reason in one tap after the button", async () => {
    const user = userEvent.setup();
    const ringing = aQueueItem(1, {
      offeredToMe: true,
      ringingUntil: "2026-11-20T06:30:14Z",
      usual: true,
      promiseBy: "2026-11-20T06:32:00Z",
    });
    const desk = renderDesk([{ path: "/queue", element: <QueuePage /> }], "/queue", ({ path }) => {
      if (path === "/api/v1/queue") return { body: aQueue({ waiting: [ringing] }) };
      if (path === "/api/v1/worklist") return { body: emptyWorklist };
      return path.endsWith("/decline") ? { body: {} } : undefined;
    });
    desk.query.setQueryData(["rings"], {
      ringing: [{ consultationId: ringing.id, bed: "01", institution: "阳光颐养院" }],
      silenced: [],
    });
    const row = await screen.findByRole("row", { name: /01 床/ });
    await waitFor(() => expect(row.textContent).toContain("14 秒"));
    expect(row.textContent).toContain("常看这位老人");
    expect(row.textContent).toContain("已告知护士 14:32 前");
    await user.click(within(row).getByRole("button", { name: "不接" }));
    await user.click(await screen.findByRole("button", { name: "正在接诊病人" }));
    await screen.findByText(/已告知不接 01 床 张\*/);
    expect(desk.asked.find((a) => a.method === "POST")).toMatchObject({
      path: `/api/v1/consultations/${ringing.id}/decline`,
      body: { epoch: 1, reason: "WITH_PATIENT" },
    });
  });

  it("lasts whole seconds and ends", () => {
    const at = new Date("2026-11-20T06:30:00.400Z");
    expect(ringLeft("2026-11-20T06:30:14Z", at)).toBe(14);
    expect(ringLeft("2026-11-20T06:29:00Z", at)).toBeUndefined();
    expect(ringLeft(undefined, at)).toBeUndefined();
  });
});

describe("a written question", { timeout: 60_000 }, () => {
  it("stands in a group of its own and is taken to be written", async () => {
    renderDesk([{ path: "/queue", element: <QueuePage /> }], "/queue", ({ path }) => {
      if (path === "/api/v1/queue")
        return { body: aQueue({ waiting: [aQueueItem(1, { mode: "WRITTEN" })] }) };
      return path === "/api/v1/worklist" ? { body: emptyWorklist } : undefined;
    });
    const group = await screen.findByRole("rowgroup", { name: "书面咨询" });
    expect(within(group).getByRole("button", { name: "接下并写意见" })).toBeDefined();
    expect(screen.queryByRole("button", { name: "接听" })).toBeNull();
  });
});

describe("selection", () => {
  it("stays at the ends and begins at one", () => {
    expect(moved(["a", "b"], "a", 1)).toBe("b");
    expect(moved(["a", "b"], "b", 1)).toBe("b");
    expect(moved(["a", "b"], undefined, -1)).toBe("b");
    expect(moved([], "a", 1)).toBeUndefined();
  });
});

describe("the wait", () => {
  const at = (minutes: number) => new Date(Date.parse(first.offeredAt) + minutes * 60_000);
  it("is told in three steps", () => {
    expect(waited(first, at(4)).pace).toBe("ok");
    expect(waited(first, at(5)).pace).toBe("half");
    expect(waited(first, at(10)).pace).toBe("over");
  });
  it("never runs before it began", () => {
    expect(waited(first, at(-1)).seconds).toBe(0);
  });
});
