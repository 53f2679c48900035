import type { Page } from "@playwright/test";
import { Client, type Schemas } from "./support/Client";
import { newRequest, read } from "./support/consultations";
import { Server } from "./support/server";
import { patience } from "./support/settings";
import { expect, test } from "./support/test";

const waiting = 50;

/** The requests on the doctor's page, from the top. */
const rows = (page: Page) => page.locator("[id^=row-]").evaluateAll((list) => list.map((row) => row.id));

test("Redis is flushed under a queue of 50: nobody's place changes", async ({ open }) => {
  test.setTimeout(180_000);
  const server = await Server.make();
  try {
    const [nurseApi, doctorApi] = [
      new Client("nurse.li", undefined, server.base),
      new Client("dr.wang", undefined, server.base),
    ];
    const ids: string[] = [];
    while (ids.length < waiting) {
      // A few at a time: they come in any order, and keep it.
      const some = Array.from({ length: 5 }, () => newRequest(nurseApi, { of: doctorApi }));
      ids.push(...(await Promise.all(some)).map(({ id }) => id));
    }
    const order = (await doctorApi.get<Schemas["Queue"]>("/api/v1/queue")).waiting.map(
      ({ id }) => `row-${id}`,
    );
    expect(order).toHaveLength(waiting);
    const last = order[waiting - 1]!.replace("row-", "");
    const middle = order[waiting / 2]!.replace("row-", "");

    const doctor = await open("dr.wang", { base: server.base, path: "/queue" });
    const nurse = await open("nurse.li", { base: server.base, path: `/ward/requests/${last}` });
    const place = nurse.page.getByText(`前面还有 ${waiting - 1} 位`);
    await expect(place).toBeVisible({ timeout: patience });
    await expect.poll(() => rows(doctor.page), { timeout: patience }).toEqual(order);

    // From the flush to the end of the index's rebuild, each answer and each picture has the same order.
    await server.flushRedis();
    const places = async () => {
      const [l, m] = await Promise.all([read(nurseApi, last), read(nurseApi, middle)]);
      return [l.waiting?.position, m.waiting?.position];
    };
    for (let look = 0; look < 12; look++) {
      expect(await places()).toEqual([waiting, waiting / 2 + 1]);
      expect(await rows(doctor.page)).toEqual(order);
      await expect(place).toBeVisible();
    }
    await Promise.all([doctor.page.reload(), nurse.page.reload()]);
    await expect(place).toBeVisible({ timeout: patience });
    await expect.poll(() => rows(doctor.page), { timeout: patience }).toEqual(order);
    expect(await places()).toEqual([waiting, waiting / 2 + 1]);

    // What comes next stands behind all of them.
    const next = await newRequest(nurseApi, { of: doctorApi });
    expect((await read(nurseApi, next.id)).waiting?.position).toBe(waiting + 1);
    await expect.poll(() => rows(doctor.page), { timeout: patience }).toEqual([...order, `row-${next.id}`]);
  } finally {
    await server.remove();
  }
});
