import { Client } from "./support/Client";
import { expectMedia, startCall } from "./support/call";
import { newRequest, read } from "./support/consultations";
import { patience } from "./support/settings";
import { Server } from "./support/server";
import { expect, test } from "./support/test";

test("a server that is killed in the middle of a call comes back with everything", async ({ open }) => {
  test.setTimeout(300_000);
  const server = await Server.make();
  try {
    const clientOf = (username: string) => new Client(username, undefined, server.base);
    const [nurseApi, doctorApi] = [clientOf("nurse.li"), clientOf("dr.wang")];

    const { id, nurse, doctor } = await startCall(open, nurseApi, doctorApi, { base: server.base });
    await expect.poll(async () => (await read(nurseApi, id)).state).toBe("IN_PROGRESS");
    // Two more wait, the second behind the first.
    const first = await newRequest(nurseApi);
    const second = await newRequest(nurseApi);
    const before = {
      call: await read(nurseApi, id),
      first: await read(nurseApi, first.id),
      second: await read(nurseApi, second.id),
    };
    expect([before.first.waiting?.position, before.second.waiting?.position]).toEqual([1, 2]);

    await server.kill();
    await expect(nurse.page.getByText("暂时连不上服务器").first()).toBeVisible({ timeout: patience });
    await server.start();

    const after = {
      call: await read(nurseApi, id),
      first: await read(nurseApi, first.id),
      second: await read(nurseApi, second.id),
    };
    for (const part of ["call", "first", "second"] as const) {
      expect(after[part].epoch, part).toBe(before[part].epoch);
      expect(after[part].submittedAt).toBe(before[part].submittedAt);
      // What had happened is there, unchanged; more may have come since.
      expect(after[part].timeline.slice(0, before[part].timeline.length)).toEqual(before[part].timeline);
    }
    expect(after.call.doctor?.name).toBe("王医生");
    expect(after.call.consent?.valid).toBe(true);
    expect([after.first.waiting?.position, after.second.waiting?.position]).toEqual([1, 2]);
    expect([after.first.state, after.second.state]).toEqual(["OFFERED", "OFFERED"]);

    // Both pages find the new server and go on with the call by themselves.
    await expectMedia(nurse.page, "nurse after the restart");
    await expectMedia(doctor.page, "doctor after the restart");
    await expect(nurse.page.getByText("暂时连不上服务器")).toHaveCount(0, { timeout: patience });
    const again = await read(nurseApi, id);
    expect(again.id).toBe(id);
    expect(again.state).toBe("IN_PROGRESS");
    expect(again.effectiveSeconds).toBeGreaterThanOrEqual(before.call.effectiveSeconds);
  } finally {
    await server.remove();
  }
});
