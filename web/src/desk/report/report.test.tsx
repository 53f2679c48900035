import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { renderDesk } from "../testing/renderDesk";
import { aConsultation, aQueue } from "../testing/samples";
import { Component as WorkPage } from "../work/WorkPage";
import { dayAfter } from "../../dates";
import { focusField } from "./fields";

const c = aConsultation();
const gap = { field: "assessment", code: "gap_assessment", message: "缺少病情评估" };

describe("wrap-up", { timeout: 60_000 }, () => {
  it("names what is missing, and each sentence leads to its field", async () => {
    const user = userEvent.setup();
    const desk = renderDesk(
      [{ path: "/work/:id", element: <WorkPage /> }],
      `/work/${c.id}`,
      ({ method, path, body }) => {
        if (path.startsWith("/api/v1/queue")) return { body: aQueue() };
        if (path.endsWith("/messages")) return { body: [] };
        if (method === "PUT") {
          const { content, revision } = body as { content: object; revision: number };
          return {
            body: { revision: revision + 1, content, updatedAt: "2026-11-20T06:03:00Z", gaps: [gap] },
          };
        }
        return path === `/api/v1/consultations/${c.id}` ? { body: c } : undefined;
      },
    );
    // It asks the server what is missing before anything was written.
    await user.click(await screen.findByRole("button", { name: "去填写：缺少病情评估" }));
    expect(document.activeElement).toBe(screen.getByLabelText("病情评估"));
    expect(screen.getByText("已保存 14:03")).toBeDefined();

    // Signing with a known gap leads to it too, and asks for no password.
    (document.activeElement as HTMLElement).blur();
    await user.click(screen.getByRole("button", { name: "签名" }));
    expect(document.activeElement).toBe(screen.getByLabelText("病情评估"));
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(desk.asked.some((a) => a.path.endsWith("/report"))).toBe(false);
  });
});

describe("focusField", () => {
  it("goes to the part when the item is gone", () => {
    render(<input id="report-advice" aria-label="advice" />);
    expect(focusField("advice/3/text")).toBe(true);
    expect(document.activeElement?.id).toBe("report-advice");
    expect(focusField("limits")).toBe(false);
  });
});

describe("dayAfter", () => {
  it("counts days, and months to their last day", () => {
    expect(dayAfter("2026-11-28", { days: 3 })).toBe("2026-12-01");
    expect(dayAfter("2027-01-31", { months: 1 })).toBe("2027-02-28");
    expect(dayAfter("2026-12-15", { months: 1 })).toBe("2027-01-15");
  });
});
