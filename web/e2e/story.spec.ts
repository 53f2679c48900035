import { expectMedia, largePicture } from "./support/call";
import { read } from "./support/consultations";
import type { Schemas } from "./support/Client";
import { demoPassword, patience } from "./support/settings";
import { expect, test } from "./support/test";
import { label, press, word } from "./support/words";

test("a nurse calls, a doctor answers and signs, the attending adopts, the administrator finds the record", async ({
  as,
  open,
}) => {
  test.setTimeout(240_000);
  const [nurseApi, doctorApi] = [as("nurse.li"), as("dr.wang")];
  const cards = await nurseApi.get<Schemas["ResidentCard"][]>("/api/v1/residents");
  const resident = cards.find((card) => card.name === "张桂兰");
  if (!resident) throw new Error("the demo has no 张桂兰");
  expect(resident, "free, and her consent in force").toMatchObject({ consentValid: true });

  const doctor = await open("dr.wang");
  const nurse = await open("nurse.li");

  let id = "";
  await test.step("the doctor is there, the nurse sees by when", async () => {
    await doctor.page.getByRole("button", { name: word("可接诊") }).click();
    await expect(doctor.page.getByRole("button", { name: word("可接诊") })).toHaveAttribute(
      "aria-pressed",
      "true",
    );
    await expect(nurse.page.getByText("王医生").first()).toBeVisible();
    await expect(nurse.page.getByText(/内接听/).first()).toBeVisible({ timeout: patience });
  });

  await test.step("four taps", async () => {
    await nurse.page.getByRole("link", { name: `为 ${resident.bed} 床 张桂兰 呼叫医生` }).click();
    await nurse.page
      .getByRole("button", { name: await label(nurseApi, "reasons", "FALL"), exact: true })
      .click();
    await nurse.page.getByRole("button", { name: word("下一步") }).click();
    await nurse.page.getByRole("button", { name: word("呼叫医生") }).click();
    await expect(nurse.page.getByRole("status").filter({ hasText: "王医生" })).toBeVisible({
      timeout: patience,
    });
    id = /requests\/([0-9a-f-]{36})/.exec(nurse.page.url())?.[1] ?? "";
    expect((await read(nurseApi, id)).state).toBe("OFFERED");
  });

  await test.step("it rings, and the doctor answers", async () => {
    await expect(doctor.page.getByText(/^正在呼叫您：/)).toBeVisible({ timeout: patience });
    await expect(doctor.page).toHaveTitle(/1/);
    const row = doctor.page.locator(`#row-${id}`);
    await expect(row, "the name is masked until somebody has answered").not.toContainText("张桂兰");
    await row.getByRole("button", { name: word("接听") }).click();
    await expect(doctor.page).toHaveURL(new RegExp(`/work/${id}`));
    await expect(nurse.page).toHaveURL(new RegExp(`/ward/requests/${id}/call`), { timeout: patience });
  });

  await test.step("both see and hear each other, encrypted with AES-GCM", async () => {
    const [atNurse, atDoctor] = [
      await expectMedia(nurse.page, "nurse"),
      await expectMedia(doctor.page, "doctor"),
    ];
    for (const seen of [atNurse, atDoctor]) {
      expect(seen.srtpCipher).toBe("SRTP_AEAD_AES_128_GCM");
      expect(seen.dtlsState).toBe("connected");
      expect(seen.pair?.protocol).toBe("udp");
    }
    // The nurse's picture is red, the doctor's blue: each sees the other large.
    await expect
      .poll(async () =>
        (await largePicture(doctor.page)).indexOf(Math.max(...(await largePicture(doctor.page)))),
      )
      .toBe(0);
    await expect
      .poll(async () =>
        (await largePicture(nurse.page)).indexOf(Math.max(...(await largePicture(nurse.page)))),
      )
      .toBe(2);
    await expect.poll(async () => (await read(doctorApi, id)).state).toBe("IN_PROGRESS");
  });

  await test.step("messages both ways", async () => {
    await nurse.page.getByRole("button", { name: word("更多") }).click();
    await nurse.page.getByRole("menuitem", { name: /留言/ }).click();
    const sheet = nurse.page.getByRole("dialog");
    await sheet.getByPlaceholder("写留言").fill("老人早上没有吃药");
    await sheet.getByRole("button", { name: /发\s*送/ }).click();
    await doctor.page.getByRole("tab", { name: /聊天/ }).click();
    await expect(doctor.page.getByText("老人早上没有吃药")).toBeVisible();
    await doctor.page.getByPlaceholder("写留言").fill("请先平卧十分钟");
    await doctor.page.getByPlaceholder("写留言").press("Enter");
    await expect(sheet.getByText("请先平卧十分钟")).toBeVisible();
    await sheet.getByRole("button", { name: word("关闭") }).click();
  });

  await test.step("a measurement of the nurse appears at the doctor", async () => {
    await doctor.page.getByRole("tab", { name: word("病例") }).click();
    await nurse.page.getByRole("button", { name: word("测量") }).click();
    await nurse.page.getByRole("button", { name: /^血压/ }).click();
    const pad = nurse.page
      .getByRole("dialog")
      .filter({ has: nurse.page.getByRole("group", { name: "数字键盘" }) });
    await press(pad, "163");
    await pad.getByRole("button", { name: word("下一步") }).click();
    await press(pad, "91");
    await pad.getByRole("button", { name: word("确定") }).click();
    await expect(pad).toBeHidden();
    await nurse.page.getByRole("button", { name: word("回到通话") }).click();
    await expect(doctor.page.getByText("163").first()).toBeVisible();
    const pressures = (await read(doctorApi, id)).vitals.filter((v) => v.code === "SBP");
    expect(pressures.map((v) => v.value)).toContain(163);
  });

  await test.step("the doctor writes and signs; a wrong password signs nothing", async () => {
    const { page } = doctor;
    await page.getByRole("tab", { name: word("小结") }).click();
    await page.getByLabel("病情评估", { exact: true }).fill("午休起床时滑坐在地，神志清，可站立；血压偏高。");
    await page.getByLabel("诊断", { exact: true }).fill("I10");
    await page
      .getByTitle(/高血压/)
      .or(page.locator(".ant-select-item-option").filter({ hasText: "I10" }))
      .first()
      .click();
    await page.getByRole("button", { name: "添加建议" }).click();
    await page.getByLabel("建议 1 的内容").fill("今日每两小时测血压一次并记录。");
    await page.getByRole("button", { name: "添加建议" }).click();
    await page.getByLabel("建议 2 的内容").fill("晚餐改为无盐饮食。");
    const outcome = await label(doctorApi, "outcomes", "OBSERVE");
    await page.getByRole("combobox", { name: "会诊结果" }).fill(outcome);
    await page.locator(".ant-select-item-option").filter({ hasText: outcome }).click();
    await page.getByRole("button", { name: word("1 周") }).click();
    // The next time is booked while the nurse is on the line, who sees it at once.
    await page.getByRole("group", { name: "选时间" }).getByRole("button").first().click();
    await page.getByRole("button", { name: word("确认预约") }).click();
    await expect(nurse.page.getByText(/^已约：视频复查/)).toBeVisible({ timeout: patience });
    await page.getByRole("button", { name: word("签名") }).click();
    const dialog = page.getByRole("dialog", { name: "签名确认" });
    await dialog.getByLabel("请再次输入登录密码").fill("not-my-password");
    await dialog.getByRole("button", { name: word("签名") }).click();
    await expect(dialog.locator("#sign-password-error")).not.toBeEmpty();
    const unsigned = await read(doctorApi, id);
    expect(unsigned.reports).toEqual([]);
    expect(unsigned.state).toBe("IN_PROGRESS");

    await dialog.getByLabel("请再次输入登录密码").fill(demoPassword);
    await dialog.getByRole("button", { name: word("签名") }).click();
    await expect(page.getByText("意见已签名").first()).toBeVisible({ timeout: patience });
    const signed = await read(doctorApi, id);
    expect(signed.state).toBe("REPORTED");
    expect(signed.reports).toHaveLength(1);
    expect(signed.reports[0]).toMatchObject({ version: 1, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    await expect(
      nurse.page.getByText("要执行的建议").or(nurse.page.getByText("等医师确认的建议")).first(),
    ).toBeVisible();
  });

  await test.step("the attending doctor adopts one item and rejects the other", async () => {
    const attending = await open("dr.chen");
    const { page } = attending;
    await page.getByRole("button", { name: `查看并采纳：${resident.bed} 床 张桂兰` }).click();
    await page.getByRole("radiogroup", { name: "建议 1 的决定" }).getByText("采纳", { exact: true }).click();
    await page
      .getByRole("radiogroup", { name: "建议 2 的决定" })
      .getByText("不采纳", { exact: true })
      .click();
    await page.getByRole("button", { name: word("签名") }).click();
    await expect(page.getByText("请写明理由。")).toBeVisible();
    await page.getByLabel("建议 2 的理由").fill("老人血钠偏低，改为低盐饮食。");
    await page.getByRole("button", { name: word("签名") }).click();
    const dialog = page.getByRole("dialog", { name: "签名采纳" });
    await dialog.getByLabel("请再次输入登录密码").fill(demoPassword);
    await dialog.getByRole("button", { name: word("签名") }).click();
    await expect(page.getByText("已采纳并签名")).toBeVisible({ timeout: patience });
    await attending.context.close();
  });

  await test.step("the nurse ticks what she did; the rejected item is not hers", async () => {
    const { page } = nurse;
    await page.getByRole("button", { name: "完成：今日每两小时测血压一次并记录。" }).click();
    await page.getByRole("button", { name: "确认完成" }).click();
    await expect(page.getByText(/已执行/).first()).toBeVisible();
    await expect(page.getByRole("button", { name: "完成：晚餐改为无盐饮食。" })).toHaveCount(0);
    await expect(page.getByText("老人血钠偏低，改为低盐饮食。")).toBeVisible();
    const after = await read(nurseApi, id);
    expect(after.state).toBe("FOLLOW_UP");
    expect(after.advice.map((a) => [a.decision, a.executedAt !== undefined])).toEqual([
      ["ADOPTED", true],
      ["REJECTED", false],
    ]);
  });

  await test.step("the administrator finds the record", async () => {
    const { serial, reports } = await read(nurseApi, id);
    const { page } = await open("admin.sun");
    await page.getByRole("link", { name: `查看 ${serial}` }).click();
    await expect(page).toHaveURL(new RegExp(`/consultations/${id}`));
    await expect(page.getByText(reports[0]?.digest ?? "no digest")).toBeVisible();
    await expect(page.getByText("王医生").first()).toBeVisible();
    await expect(page.getByText("张桂兰"), "names are masked").toHaveCount(0);
    const record = await read(as("admin.sun"), id);
    expect(record.effectiveSeconds).toBeGreaterThan(0);
    expect(record.consent?.valid).toBe(true);
    for (const type of ["SUBMIT", "CLAIM", "START", "SIGN_REPORT", "ADOPT", "ADVICE_DONE"])
      expect(record.timeline.map((e) => e.type)).toContain(type);
    expect(record.participants.every((p) => (p.audioBytes ?? 0) > 0 && (p.videoBytes ?? 0) > 0)).toBe(true);
  });
});
