import { configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { FakeWard } from "../../testing/FakeWard";
import { renderWard } from "../../testing/renderWard";

vi.setConfig({ testTimeout: 120_000 });
// Asking jsdom of each element whether it is hidden takes most of the time.
beforeAll(() => configure({ defaultHidden: true }));
afterAll(() => configure({ defaultHidden: false }));

const id = "0190a000-0000-7000-8000-000000000901";
const button = (name: string | RegExp) => screen.findByRole("button", { name });
/** Bodies of the requests of a kind, in their order. */
const sent = (ward: FakeWard, method: string, path: RegExp) => ward.asked(method, path).map((s) => s.body);

function draft(ward: FakeWard, bed: string, change: Parameters<FakeWard["add"]>[1] = {}) {
  return ward.add(ward.resident(bed), { id, ...change });
}

describe("a call in four taps", () => {
  it("makes a draft, takes over the values of the last 24 h, and submits the proposed urgency", async () => {
    const ward = new FakeWard();
    const user = userEvent.setup();
    const { router } = renderWard(ward, "/ward");
    await user.click(await screen.findByRole("link", { name: "为 02 床 张桂兰 呼叫医生" }));
    await user.click(await button("呼吸不适"));
    await user.click(await button("下一步"));
    await user.click(await button("呼叫医生"));
    await waitFor(() =>
      expect(sent(ward, "POST", /submit$/)).toEqual([{ urgency: "EMERGENT", mode: "ONLINE" }]),
    );

    const [created] = sent(ward, "POST", /consultations$/) as { id: string }[];
    expect(created).toMatchObject({
      residentId: ward.resident("02").card.id,
      reasons: ["BREATH"],
      redFlags: [],
    });
    expect(created?.id).toMatch(/^[0-9a-f-]{36}$/);
    const [vitals] = sent(ward, "POST", /vitals$/) as { readings: { code: string; takenAt: string }[] }[];
    expect(vitals?.readings.map((r) => r.code).toSorted()).toEqual(["DBP", "PULSE", "SBP", "SPO2", "TEMP"]);
    expect(vitals?.readings[0]?.takenAt).toBe(ward.resident("02").latestVitals[0]?.takenAt);
    expect(await screen.findByText(/王医生 14:32 前接听/)).toBeTruthy();
    expect(router.state.location.pathname).toBe(`/ward/requests/${created?.id}`);
  });

  it("keeps the draft's id when the answer to the reason got lost", async () => {
    const ward = new FakeWard();
    ward.refusals.push({ method: "POST", path: /consultations$/, answer: { status: 0 }, times: 1 });
    const user = userEvent.setup();
    renderWard(ward, `/ward/residents/${ward.resident("05").card.id}/request`);
    await user.click(await button("跌倒"));
    expect(await screen.findByText(/没有连上服务器/)).toBeTruthy();
    await user.click(await button("跌倒"));
    await button("下一步");
    const ids = (sent(ward, "POST", /consultations$/) as { id: string }[]).map((b) => b.id);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    expect(ward.consultations.size).toBe(1);
  });

  it("goes on where it was after a reload", async () => {
    const ward = new FakeWard();
    draft(ward, "02", { complaint: "早饭后喘", reasons: ["BREATH", "CHEST"] });
    renderWard(ward, `/ward/requests/${id}?step=call`);
    expect(await screen.findByDisplayValue("早饭后喘")).toBeTruthy();
    expect(await screen.findByText("呼吸不适、胸口不适")).toBeTruthy();
    expect(await button("呼叫医生")).toBeTruthy();
  });

  it("leads to the request that is open already instead of making a second one", async () => {
    const ward = new FakeWard();
    draft(ward, "02");
    const { router } = renderWard(ward, `/ward/residents/${ward.resident("02").card.id}/request`);
    await waitFor(() => expect(router.state.location.pathname).toBe(`/ward/requests/${id}`));
    expect(ward.asked("POST", /consultations$/)).toHaveLength(0);
  });
});

describe("the last tap", () => {
  it("asks why before it lowers the urgency", async () => {
    const ward = new FakeWard();
    draft(ward, "02");
    const user = userEvent.setup();
    renderWard(ward, `/ward/requests/${id}?step=call`);
    await user.click(await screen.findByRole("radio", { name: /普通/ }));
    await user.click(await button("呼叫医生"));
    expect(await screen.findByText("请选一个理由，或写一句。")).toBeTruthy();
    expect(ward.asked("POST", /submit$/)).toHaveLength(0);

    await user.click(await button("复测已正常"));
    await user.click(await button("呼叫医生"));
    await waitFor(() =>
      expect(sent(ward, "POST", /submit$/)).toEqual([
        { urgency: "ROUTINE", urgencyReason: "复测已正常", mode: "ONLINE" },
      ]),
    );
  });

  it("raises without a question", async () => {
    const ward = new FakeWard();
    draft(ward, "02");
    const user = userEvent.setup();
    renderWard(ward, `/ward/requests/${id}?step=call`);
    await user.click(await screen.findByRole("radio", { name: /特急/ }));
    await user.click(await button("呼叫医生"));
    await waitFor(() =>
      expect(sent(ward, "POST", /submit$/)).toEqual([{ urgency: "CRITICAL", mode: "ONLINE" }]),
    );
  });

  it("opens the consent when there is none, and names what is missing in it", async () => {
    const ward = new FakeWard();
    draft(ward, "12");
    const user = userEvent.setup();
    renderWard(ward, `/ward/requests/${id}?step=call`);
    await user.click(await button("呼叫医生"));
    const sheet = await screen.findByRole("dialog");
    await user.click(await within(sheet).findByRole("button", { name: "同意并签名" }));
    for (const sentence of ["请填写签字人姓名。", "三个必选项都要勾选。", "请签名。"]) {
      expect(within(sheet).getByText(sentence)).toBeTruthy();
    }
    expect(ward.asked("POST", /consent$/)).toHaveLength(0);
    expect(ward.asked("POST", /submit$/)).toHaveLength(0);
  });

  it("shows the server's sentence when the call is refused", async () => {
    const ward = new FakeWard();
    draft(ward, "02");
    ward.refuse("POST", /submit$/, 422, { code: "service_no_agreement", message: "与该医院没有合作协议" });
    const user = userEvent.setup();
    renderWard(ward, `/ward/requests/${id}?step=call`);
    await user.click(await button("呼叫医生"));
    expect(await screen.findByText("与该医院没有合作协议")).toBeTruthy();
  });
});

describe("a measurement", () => {
  const open = async (tile: RegExp) => {
    const ward = new FakeWard();
    draft(ward, "05");
    const user = userEvent.setup();
    renderWard(ward, `/ward/requests/${id}?step=vitals`);
    await user.click(await button(tile));
    const pad = await screen.findByRole("dialog");
    const key = (name: string) => user.click(within(pad).getByRole("button", { name }));
    return { ward, user, pad, key };
  };

  it("is typed on the pad and sent", async () => {
    const { ward, key } = await open(/^体温.*：/);
    for (const name of ["3", "8", "小数点", "5", "确定"]) await key(name);
    await waitFor(() =>
      expect(sent(ward, "POST", /vitals$/)).toEqual([
        { readings: [{ code: "TEMP", value: 38.5, source: "MANUAL" }] },
      ]),
    );
  });

  it("asks when it is out of the plausible range, and sends it as confirmed", async () => {
    const { ward, key, pad } = await open(/^脉搏.*：/);
    for (const name of ["1", "8", "确定"]) await key(name);
    expect(within(pad).getByText(/确定是 18 吗？/)).toBeTruthy();
    expect(ward.asked("POST", /vitals$/)).toHaveLength(0);
    await key("确定，没有错");
    await waitFor(() =>
      expect(sent(ward, "POST", /vitals$/)).toEqual([
        { readings: [{ code: "PULSE", value: 18, confirmed: true, source: "MANUAL" }] },
      ]),
    );
  });

  it("is refused in place when it is impossible", async () => {
    const { ward, user, pad, key } = await open(/^血氧.*：/);
    await user.type(within(pad).getByRole("textbox"), "188");
    await key("确定");
    expect(within(pad).getByText(/188 % 不可能/)).toBeTruthy();
    expect(ward.asked("POST", /vitals$/)).toHaveLength(0);
  });

  it("of blood pressure has two numbers, and a word in the place of one", async () => {
    const { ward, key } = await open(/^血压.*：/);
    for (const name of ["1", "3", "0", "下一步", "测不出", "确定"]) await key(name);
    await waitFor(() =>
      expect(sent(ward, "POST", /vitals$/)).toEqual([
        {
          readings: [
            { code: "SBP", value: 130, source: "MANUAL" },
            { code: "DBP", qualifier: "UNMEASURABLE", source: "MANUAL" },
          ],
        },
      ]),
    );
  });

  it("asks what the server asks", async () => {
    const { ward, key, pad } = await open(/^血压.*：/);
    ward.refuse("POST", /vitals$/, 422, {
      code: "invalid_request",
      fields: [{ field: "readings/0", code: "vital_needs_confirmation", message: "脉压很小，请确认。" }],
    });
    for (const name of ["1", "2", "0", "下一步", "1", "1", "5", "确定"]) await key(name);
    expect(await within(pad).findByText("脉压很小，请确认。")).toBeTruthy();
    await key("确定，没有错");
    await waitFor(() => expect(ward.consultations.get(id)?.vitals).toHaveLength(2));
  });
});

describe("the emergency sheet", () => {
  it("opens with a red flag, logs each step, and calls the doctor as critical", async () => {
    const ward = new FakeWard();
    draft(ward, "12"); // no consent: a critical call does not wait for it
    const user = userEvent.setup();
    renderWard(ward, `/ward/requests/${id}?step=vitals`);
    await user.click(await button(/^呼吸困难/));
    const sheet = await screen.findByRole("dialog");
    expect(within(sheet).getByText(/兴安北路 88 号/)).toBeTruthy();
    await user.click(within(sheet).getByRole("button", { name: "我已拨打 120" }));
    await user.click(within(sheet).getByRole("button", { name: /扶坐或半卧/ }));
    await waitFor(() =>
      expect(sent(ward, "POST", /emergency-steps$/)).toMatchObject([
        { step: "SHEET_OPENED" },
        { step: "CALLED_120", at: ward.meta.serverTime },
        { step: "MEASURE", measure: "扶坐或半卧，解开领口，开窗通风" },
      ]),
    );
    expect(within(sheet).getByText(/已拨打 120 14:28/)).toBeTruthy();
    await waitFor(() => expect(ward.consultations.get(id)?.redFlags).toEqual(["DYSPNOEA"]));

    await user.click(within(sheet).getByRole("button", { name: "同时呼叫医生" }));
    await waitFor(() => expect(sent(ward, "POST", /submit$/)).toEqual([{ urgency: "CRITICAL" }]));
  });

  it("hands over to 120 after a question", async () => {
    const ward = new FakeWard();
    draft(ward, "02");
    const user = userEvent.setup();
    renderWard(ward, `/ward/requests/${id}?step=vitals&emergency=1`);
    await user.click(await button("已交给 120"));
    expect(ward.consultations.get(id)?.state).toBe("DRAFT");
    await user.click(await button("已交接"));
    expect(await screen.findByText("已转急救，申请结束")).toBeTruthy();
  });

  it("keeps what was done over a reload", async () => {
    const ward = new FakeWard();
    draft(ward, "02", {
      redFlags: ["SEIZURE"],
      timeline: [
        {
          seq: 1,
          type: "EMERGENCY_STEP",
          at: "2026-11-20T06:20:00Z",
          epoch: 0,
          data: { step: "SHEET_OPENED" },
        },
        {
          seq: 2,
          type: "EMERGENCY_STEP",
          at: "2026-11-20T06:21:00Z",
          epoch: 0,
          data: { step: "CALLED_120" },
        },
      ],
    });
    renderWard(ward, `/ward/requests/${id}?step=vitals&emergency=1`);
    expect(await screen.findByText(/已拨打 120 14:21/)).toBeTruthy();
    expect(screen.queryByRole("button", { name: "我已拨打 120" })).toBeNull();
    expect(ward.asked("POST", /emergency-steps$/)).toHaveLength(0);
  });
});

describe("the complaint", () => {
  it("saves itself, and keeps both texts when somebody else has written", async () => {
    const ward = new FakeWard();
    draft(ward, "02");
    const user = userEvent.setup();
    const { query } = renderWard(ward, `/ward/requests/${id}?step=call`);
    const field = await screen.findByRole("textbox", { name: "情况说明" });
    await user.type(field, "喘");
    await user.tab();
    await waitFor(() => expect(ward.consultations.get(id)?.complaint).toBe("喘"));
    await screen.findByText(/已保存/);

    await user.type(field, "，不能平躺");
    ward.change(id, (c) => ({ complaint: "喘，已吸氧", requestRevision: c.requestRevision + 1 }));
    await user.tab();
    expect(await screen.findByText("喘，已吸氧")).toBeTruthy();
    expect((field as HTMLTextAreaElement).value).toBe("喘，不能平躺");
    await user.click(await button("都保留"));
    await waitFor(() => expect(ward.consultations.get(id)?.complaint).toBe("喘，已吸氧\n喘，不能平躺"));
    query.clear();
  });
});

describe("after the call was placed", () => {
  it("cancels with a reason", async () => {
    const ward = new FakeWard();
    draft(ward, "02", { state: "OFFERED", waiting: ward.aWait() });
    const user = userEvent.setup();
    renderWard(ward, `/ward/requests/${id}`);
    await user.click(await button("取消申请"));
    const sheet = await screen.findByRole("dialog");
    expect((within(sheet).getByRole("button", { name: "确认取消" }) as HTMLButtonElement).disabled).toBe(
      true,
    );
    await user.click(within(sheet).getByRole("button", { name: "老人情况好转" }));
    await user.click(within(sheet).getByRole("button", { name: "确认取消" }));
    await waitFor(() => expect(sent(ward, "POST", /cancel$/)).toEqual([{ reason: "BETTER" }]));
  });

  it("a bar leads back to the request from other pages", async () => {
    const ward = new FakeWard();
    draft(ward, "02", { state: "OFFERED", submittedAt: "2026-11-20T06:25:00Z", waiting: ward.aWait() });
    const user = userEvent.setup();
    const { router } = renderWard(ward, "/ward");
    await user.click(await button("回到申请"));
    expect(router.state.location.pathname).toBe(`/ward/requests/${id}`);
    await waitFor(() => expect(screen.queryByRole("button", { name: "回到申请" })).toBeNull());
  });
});
