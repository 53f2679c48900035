import { connection, expectMedia, startCall, stats } from "./support/call";
import { read } from "./support/consultations";
import { patience } from "./support/settings";
import { expect, test } from "./support/test";
import { word } from "./support/words";

test("reloading a page, losing the network and leaving end no call", async ({ as, open }) => {
  test.setTimeout(240_000);
  const { id, nurse, doctor } = await startCall(open, as("nurse.li"), as("dr.wang"), { worker: true });
  const { callId } = await read(as("nurse.li"), id);

  await test.step("the nurse's page is reloaded: she is back without a tap", async () => {
    await nurse.page.reload();
    await expectMedia(nurse.page, "nurse after her reload");
    await expectMedia(doctor.page, "doctor after the nurse's reload");
  });

  await test.step("the same for the doctor", async () => {
    await doctor.page.reload();
    await expectMedia(doctor.page, "doctor after the reload");
    await expectMedia(nurse.page, "nurse after the doctor's reload");
  });

  await test.step("without HTTP and socket the media go on over the same connection", async () => {
    const before = await connection(nurse.page);
    await nurse.context.setOffline(true);
    await expect(nurse.page.getByText("网络断了").first()).toBeVisible({ timeout: patience });
    const start = await stats(nurse.page);
    // Five seconds of pictures at the sender's twelve a second, whatever the clock of a busy machine says.
    await expect
      .poll(async () => ((await stats(nurse.page))?.framesDecoded ?? 0) - (start?.framesDecoded ?? 0), {
        message: "pictures go on while the network is off",
        timeout: 2 * patience,
      })
      .toBeGreaterThan(55);
    await nurse.context.setOffline(false);
    await expect(nurse.page.getByText("网络断了")).toHaveCount(0, { timeout: patience });
    await expectMedia(nurse.page, "nurse with the network back");
    expect(await connection(nurse.page)).toBe(before);
  });

  await test.step("the nurse leaves and comes back; the call is the same", async () => {
    await nurse.page.getByRole("button", { name: word("暂离") }).click();
    await expect(nurse.page.getByText("和王医生的通话还在继续")).toBeVisible({ timeout: patience });
    await expect(
      doctor.page.getByText("李护士暂时离开了").or(doctor.page.getByText("等待李护士进入通话")).first(),
    ).toBeVisible({ timeout: patience });
    await nurse.page.getByRole("button", { name: word("回到通话") }).click();
    await expectMedia(nurse.page, "nurse back in the call");
    await expectMedia(doctor.page, "doctor with the nurse back");
  });

  const after = await read(as("nurse.li"), id);
  expect(after.callId).toBe(callId);
  expect(after.state).toBe("IN_PROGRESS");
  expect(after.effectiveSeconds).toBeGreaterThan(0);
});

test("ending the call is not the end of the consultation: the doctor calls again", async ({ as, open }) => {
  const { id, nurse, doctor } = await startCall(open, as("nurse.li"), as("dr.wang"), { worker: true });
  const { callId } = await read(as("nurse.li"), id);
  await doctor.page.getByRole("button", { name: word("结束通话") }).click();
  await doctor.page
    .getByRole("tooltip")
    .getByRole("button", { name: word("结束通话") })
    .click();
  await expect(nurse.page.getByText(/结束了这次通话/)).toBeVisible({ timeout: patience });
  await doctor.page.getByRole("button", { name: word("再次呼叫") }).click();
  await expectMedia(doctor.page, "doctor in the second call");
  await expectMedia(nurse.page, "nurse in the second call, without a tap");
  const after = await read(as("nurse.li"), id);
  expect(after.callId).not.toBe(callId);
  expect(after.state).toBe("IN_PROGRESS");
});
