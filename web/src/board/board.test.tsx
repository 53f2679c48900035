import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { Me } from "../api";
import { renderDesk } from "../desk/testing/renderDesk";
import { aQueueItem } from "../desk/testing/samples";
import { aPerson } from "../testing/fakes";
import {
  type Board,
  type BoardDoctor,
  type BoardRow,
  candidates,
  inOrder,
  lateness,
  mergeable,
  nextStep,
  split,
} from "./board";
import { Component as BoardPage } from "./BoardPage";

const readAt = "2026-11-20T06:30:00Z";

function aRow(n: number, change: Partial<BoardRow> = {}): BoardRow {
  return {
    ...aQueueItem(n),
    institutionId: "i1",
    residentId: `r${n}`,
    ladderStep: 1,
    lateBySeconds: 0,
    asked: [],
    ...change,
  };
}

function aDoctor(id: string, name: string, change: Partial<BoardDoctor> = {}): BoardDoctor {
  return {
    person: { id, name, role: "CONSULTANT" },
    department: "全科医疗科",
    presence: "AVAILABLE",
    busy: false,
    ...change,
  };
}

const names = (list: readonly BoardDoctor[]) => list.map((d) => d.person.name);

describe("lateness", () => {
  const now = new Date("2026-11-20T06:30:30Z");
  it("runs on from when the board was read", () => {
    expect(lateness({ lateBySeconds: -20 }, readAt, now)).toBe(10);
  });
  it("parts the rows, and keeps the server's order in each part", () => {
    const rows = [
      aRow(1, { lateBySeconds: 90 }),
      aRow(2, { lateBySeconds: -10 }),
      aRow(3, { lateBySeconds: -600 }),
    ];
    const { late, soon } = split({ rows, serverTime: readAt }, now);
    expect(late.map((r) => r.epoch)).toEqual([1, 2]);
    expect(soon.map((r) => r.epoch)).toEqual([3]);
  });
});

describe("doctors", () => {
  const off = aDoctor("1", "下班", { presence: "OFF" });
  const short = aDoctor("2", "刚闲", { idleSince: "2026-11-20T06:20:00Z" });
  const long = aDoctor("3", "久闲", { idleSince: "2026-11-20T05:20:00Z" });
  const busy = aDoctor("4", "在忙", { busy: true });
  it("who is free and has been for longest stands first, who is away last", () => {
    expect(names(inOrder([off, busy, short, long]))).toEqual(["久闲", "刚闲", "在忙", "下班"]);
  });
  it("who declined this request stands behind the others", () => {
    const asked = [{ doctorId: "3", name: "久闲", result: "DECLINED" as const, at: readAt, delivered: true }];
    expect(names(candidates([off, busy, short, long], asked)).at(-1)).toBe("久闲");
  });
});

it("wider is asked until the partner hospitals, then nobody is left to ask", () => {
  expect(nextStep({ ladderStep: 0, mode: "ONLINE" })).toBe(1);
  expect(nextStep({ ladderStep: 3, mode: "ONLINE" })).toBeUndefined();
  expect(nextStep({ ladderStep: 4, mode: "ONLINE" })).toBeUndefined();
});

it("a duplicate goes into a request of the same institution, that of somebody like the resident first", () => {
  const row = aRow(1);
  const other = { ...row.resident, sex: row.resident.sex === "1" ? ("2" as const) : ("1" as const) };
  const rows = [row, aRow(2, { resident: other }), aRow(3, { institutionId: "i2" }), aRow(4)];
  expect(mergeable(rows, row).map((r) => r.epoch)).toEqual([4, 2]);
});

describe("the board", { timeout: 60_000 }, () => {
  const dispatcher: Me = aPerson({
    id: "p1",
    name: "陶敏",
    memberships: [
      { role: "DISPATCHER", organisationId: "h1", organisationName: "青城医院", organisationKind: "MEDICAL" },
    ],
  });
  const late = aRow(1, {
    lateBySeconds: 200,
    ladderStep: 2,
    asked: [
      { doctorId: "d1", name: "王医生", result: "LAPSED", at: "2026-11-20T06:27:00Z", delivered: true },
      { doctorId: "d2", name: "赵医生", result: "LAPSED", at: "2026-11-20T06:27:20Z", delivered: false },
    ],
  });
  const board: Board = {
    serverTime: readAt,
    rows: [late, aRow(2, { lateBySeconds: -300 })],
    doctors: [aDoctor("d1", "王医生"), aDoctor("d2", "赵医生", { presence: "OFF" })],
  };
  const open = () =>
    renderDesk(
      [{ path: "/board", element: <BoardPage /> }],
      "/board",
      ({ method, path }) => {
        if (path === "/api/v1/board") return { body: board };
        return method === "POST" ? { body: {} } : undefined;
      },
      { me: dispatcher },
    );

  it("shows what is late first, who was asked and whether it rang there", async () => {
    open();
    const rows = await screen.findAllByRole("listitem", { name: /床/ });
    expect(rows[0]?.textContent).toContain("超时 3 分 20 秒");
    expect(rows[0]?.textContent).toContain("没有送到设备");
    expect(rows[0]?.textContent).toContain("医院总值班");
    expect(rows[1]?.textContent).toContain("还有 5 分");
  });

  it("assigns a free doctor at once, and one who is away only by phone", async () => {
    const user = userEvent.setup();
    const desk = open();
    const [row] = await screen.findAllByRole("listitem", { name: /01 床/ });
    await user.click(within(row!).getByRole("button", { name: "指派医生" }));
    const dialog = await screen.findByRole("dialog");
    await user.click(within(dialog).getByRole("radio", { name: /赵医生/ }));
    expect(within(dialog).getByRole("button", { name: "指派给赵医生" })).toHaveProperty("disabled", true);
    await user.click(within(dialog).getByRole("checkbox"));
    await user.click(within(dialog).getByRole("button", { name: "指派给赵医生" }));
    await waitFor(() =>
      expect(desk.asked.find((a) => a.method === "POST")).toMatchObject({
        path: `/api/v1/consultations/${late.id}/assign`,
        body: { epoch: 1, doctorId: "d2", confirmedByPhone: true },
      }),
    );
  });
});
