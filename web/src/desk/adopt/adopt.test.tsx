import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { aPerson } from "../../testing/fakes";
import { renderDesk } from "../testing/renderDesk";
import { aConsultation } from "../testing/samples";
import { Component as AdoptPage } from "./AdoptPage";
import { asInput, lack, planOf } from "./decisions";

const advice = ["测血氧", "拍背"].map((text, i) => ({
  id: `0190a000-0000-7000-8000-0000000000a${i}`,
  kind: "NURSING",
  text,
  decision: "" as const,
  executable: false,
  version: 1,
  superseded: false,
}));
const reportId = "0190a000-0000-7000-8000-0000000000f1";
const c = aConsultation({
  state: "REPORTED",
  mine: false,
  actions: ["adoptReport"],
  advice,
  reports: [
    {
      id: reportId,
      version: 1,
      author: { id: "d1", name: "王医生", role: "CONSULTANT" },
      content: { assessment: "考虑肺炎" },
      digest: "ab".repeat(32),
      sealNote: "系统存证签章",
      signedAt: "2026-11-20T06:20:00Z",
    },
  ],
});
const attending = aPerson({
  name: "陈医生",
  memberships: [
    { role: "ATTENDING", organisationId: "o1", organisationName: "阳光颐养院", organisationKind: "CARE" },
  ],
});

describe("adopting", { timeout: 60_000 }, () => {
  it("wants a decision on each item and a reason for all but adopting, then the password", async () => {
    const user = userEvent.setup();
    const desk = renderDesk(
      [{ path: "/adopt/:id", element: <AdoptPage /> }],
      `/adopt/${c.id}`,
      ({ path }) => (path.startsWith(`/api/v1/consultations/${c.id}`) ? { body: c } : undefined),
      { me: attending },
    );
    const one = await screen.findByRole("radiogroup", { name: "建议 1 的决定" });
    const two = screen.getByRole("radiogroup", { name: "建议 2 的决定" });
    const sign = screen.getByRole("button", { name: "签名" });

    await user.click(sign);
    expect(screen.getAllByText("请做决定。")).toHaveLength(2);
    expect(screen.queryByRole("dialog")).toBeNull();

    await user.click(within(one).getByRole("radio", { name: "采纳" }));
    await user.click(within(two).getByRole("radio", { name: "部分采纳" }));
    await user.click(sign);
    expect(screen.getByText("请写明理由。")).toBeDefined();
    await waitFor(() => expect(document.activeElement).toBe(screen.getByLabelText("建议 2 的理由")));
    await user.keyboard("只抬高床头");
    expect(screen.getByLabelText("最终方案")).toHaveProperty("value", "1. 测血氧\n2. 拍背（只抬高床头）");

    await user.click(sign);
    const dialog = await screen.findByRole("dialog");
    await user.type(within(dialog).getByLabelText("请再次输入登录密码"), "secret");
    await user.click(within(dialog).getByRole("button", { name: "签名" }));
    await waitFor(() =>
      expect(desk.asked.find((a) => a.method === "POST")?.body).toEqual({
        reportId,
        items: [
          { adviceId: advice[0]!.id, decision: "ADOPTED" },
          { adviceId: advice[1]!.id, decision: "PARTLY", reason: "只抬高床头" },
        ],
        finalPlan: "1. 测血氧\n2. 拍背（只抬高床头）",
        password: "secret",
      }),
    );
  });
});

describe("decisions", () => {
  it("lack a reason unless the item is adopted", () => {
    expect(lack(undefined)).toBe("decision");
    expect(lack({ decision: "ADOPTED", reason: "" })).toBeUndefined();
    expect(lack({ decision: "REJECTED", reason: " " })).toBe("reason");
  });
  it("become no input while one lacks something", () => {
    expect(asInput(advice, { [advice[0]!.id]: { decision: "ADOPTED", reason: "" } })).toBeUndefined();
  });
  it("leave rejected items out of the plan", () => {
    const own = {
      [advice[0]!.id]: { decision: "REJECTED" as const, reason: "不需要" },
      [advice[1]!.id]: { decision: "ADOPTED" as const, reason: "" },
    };
    expect(planOf(advice, own)).toBe("1. 拍背");
  });
});
