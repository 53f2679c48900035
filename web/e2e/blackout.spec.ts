import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import type { Client, Schemas } from "./support/Client";
import { bothBack, connection, expectMedia, stats } from "./support/call";
import { claim, newRequest, read } from "./support/consultations";
import { Line } from "./support/Line";
import { address, patience } from "./support/settings";
import { expect, type Open, test } from "./support/test";
import { word } from "./support/words";

/** A call in which the nurse's line can be cut. */
async function callOver(line: Line, open: Open, nurseApi: Client, doctorApi: Client) {
  const { id } = await newRequest(nurseApi, { of: doctorApi });
  await claim(doctorApi, id);
  const doctor = await open("dr.wang", { path: `/work/${id}` });
  const nurse = await open("nurse.li", {
    base: line.base,
    prepare: line.prepare,
    path: `/ward/requests/${id}/call`,
  });
  await expectMedia(nurse.page, "nurse");
  await expectMedia(doctor.page, "doctor");
  return { id, nurse, doctor };
}

async function frames(page: Page): Promise<number> {
  return (await stats(page))?.framesDecoded ?? 0;
}

test("after a blackout of 5, 25 and 60 s both are back without touching anything", async ({ as, open }) => {
  test.setTimeout(420_000);
  const line = await Line.make(address);
  try {
    const { id, nurse, doctor } = await callOver(line, open, as("nurse.li"), as("dr.wang"));
    const { callId } = await read(as("nurse.li"), id);

    for (const seconds of [5, 25, 60]) {
      await test.step(`${seconds} s`, async () => {
        await expect.poll(async () => (await read(as("dr.wang"), id)).pausedSince).toBeUndefined();
        line.cut();
        const until = Date.now() + seconds * 1000;
        if (seconds > 20) {
          // The nurse is told what happens in one sentence, her own picture lives, and the doctor's stands.
          await expect(nurse.page.getByText("网络断了，正在等网络恢复")).toBeVisible({ timeout: patience });
          await expect(nurse.page.getByLabel("我", { exact: true })).toBeVisible();
          // Both sides say the same: who is missing, and until when the seat is kept.
          const { pausedSince } = await expectPaused(as("dr.wang"), id);
          const pause = doctor.page.getByText(/已暂停 .*座位保留到/).first();
          await expect(pause).toBeVisible({ timeout: patience });
          await expect(doctor.page.getByText("李护士的连接断了，正在等对方回来，不用操作。")).toBeVisible();
          await expect(doctor.page.getByText("李护士的网络断了，正在等对方回来")).toBeVisible({
            timeout: patience,
          });
          expect(pausedSince).toBeDefined();
          await doctor.page.screenshot({ path: test.info().outputPath(`doctor-${seconds}.png`) });
          await nurse.page.screenshot({ path: test.info().outputPath(`nurse-${seconds}.png`) });
        }
        await expect.poll(() => Date.now() >= until, { timeout: 90_000, intervals: [100] }).toBe(true);
        line.restore();
        await bothBack(nurse, doctor, `blackout of ${seconds} s`);
        await expect(nurse.page.getByText("网络断了，正在等网络恢复")).toHaveCount(0);
        await expect(doctor.page.getByText(/已暂停 .*座位保留到/)).toHaveCount(0, { timeout: patience });
      });
    }
    const after = await read(as("nurse.li"), id);
    expect([after.callId, after.state]).toEqual([callId, "IN_PROGRESS"]);
  } finally {
    line.close();
  }
});

async function expectPaused(client: Client, id: string): Promise<{ pausedSince: string | undefined }> {
  let pausedSince: string | undefined;
  await expect
    .poll(
      async () => {
        ({ pausedSince } = await read(client, id));
        return pausedSince !== undefined;
      },
      { message: "the consultation pauses", timeout: 2 * patience },
    )
    .toBe(true);
  return { pausedSince };
}

test("losing the socket alone touches neither media nor screen, and nothing is missed", async ({
  as,
  open,
}) => {
  test.setTimeout(180_000);
  const line = await Line.make(address);
  try {
    const { id, nurse, doctor } = await callOver(line, open, as("nurse.li"), as("dr.wang"));
    const before = await connection(nurse.page);
    const start = await frames(nurse.page);
    line.cutSocket();
    // Some seconds of pictures, at the sender's twelve a second.
    await expect
      .poll(async () => (await frames(nurse.page)) - start, { message: "pictures go on", timeout: patience })
      .toBeGreaterThan(30);
    // At most one quiet line says that the call is not touched; nothing alarms and nothing pauses.
    await expect(nurse.page.getByText(/网络断了|连不上|正在自动恢复|正在等|已暂停/)).toHaveCount(0);
    const message: Schemas["MessageInput"] = { id: randomUUID(), body: "请把床头摇高一点" };
    await as("dr.wang").post(`/api/v1/consultations/${id}/messages`, message);
    line.letSocket();
    // Told by the replay: nothing else makes this page read its messages.
    await nurse.page.getByRole("button", { name: word("更多") }).click();
    await expect(nurse.page.getByText(/留言，1 条未读/)).toBeVisible({ timeout: patience });
    await nurse.page.keyboard.press("Escape");
    await bothBack(nurse, doctor, "the socket's loss");
    expect(await connection(nurse.page)).toBe(before);
    expect(await nurse.page.evaluate(() => window.__call?.rejoins)).toBe(0);
  } finally {
    line.close();
  }
});

test("another network and a reload bring the same person back, as silent as before", async ({ as, open }) => {
  test.setTimeout(240_000);
  const line = await Line.make(address);
  try {
    const { id, nurse, doctor } = await callOver(line, open, as("nurse.li"), as("dr.wang"));
    const { callId } = await read(as("nurse.li"), id);
    await test.step("Wi-Fi to mobile", async () => {
      line.change();
      await bothBack(nurse, doctor, "the change of network");
    });
    await test.step("reload, with the camera off", async () => {
      await nurse.page.getByRole("button", { name: word("更多") }).click();
      await nurse.page.getByRole("menuitem", { name: word("关闭摄像头") }).click();
      await expect.poll(() => nurse.page.evaluate(() => window.__call?.camera)).toBe("off");
      await nurse.page.reload();
      await expect
        .poll(() => nurse.page.evaluate(() => [window.__call?.phase, window.__call?.camera]), {
          timeout: patience,
        })
        .toEqual(["connected", "off"]);
      await expectMedia(nurse.page, "nurse after the reload");
      await nurse.page.getByRole("button", { name: word("更多") }).click();
      await nurse.page.getByRole("menuitem", { name: word("打开摄像头") }).click();
      await bothBack(nurse, doctor, "the reload");
    });
    expect((await read(as("nurse.li"), id)).callId).toBe(callId);
  } finally {
    line.close();
  }
});
