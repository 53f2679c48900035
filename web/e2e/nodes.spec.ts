import type { Page } from "@playwright/test";
import { bothBack, stats } from "./support/call";
import { Client } from "./support/Client";
import { claim, newRequest, read } from "./support/consultations";
import { Line } from "./support/Line";
import { Server } from "./support/server";
import { patience } from "./support/settings";
import { expect, test } from "./support/test";

/** The node that carries a page's media. */
async function carrier(page: Page, nodes: readonly Server[]): Promise<Server> {
  let found: Server | undefined;
  await expect
    .poll(
      async () => {
        const port = (await stats(page))?.pair?.remotePort;
        return (found = nodes.find((node) => node.mediaPort === port)) !== undefined;
      },
      { message: "one of the nodes carries the call", timeout: patience },
    )
    .toBe(true);
  return found as Server;
}

test("the node that carries a call is killed, another one is drained: both people go on in the same call", async ({
  open,
}) => {
  test.setTimeout(420_000);
  // The first holds the databases and is left alone.
  const first = await Server.make();
  const nodes = [first];
  const lines: Line[] = [];
  try {
    const [second, third] = [await Server.make(first), await Server.make(first)];
    nodes.push(second, third);
    const bases = (...order: Server[]) => order.map((node) => node.base);
    // Each comes in at another node, and the first is everybody's last resort.
    const nurseLine = await Line.make(...bases(second, third, first));
    const doctorLine = await Line.make(...bases(third, second, first));
    lines.push(nurseLine, doctorLine);

    const nurseApi = new Client("nurse.li", undefined, first.base);
    const doctorApi = new Client("dr.wang", undefined, first.base);
    const { id } = await newRequest(nurseApi, { of: doctorApi });
    await claim(doctorApi, id);
    const doctor = await open("dr.wang", { base: doctorLine.base, path: `/work/${id}` });
    const nurse = await open("nurse.li", { base: nurseLine.base, path: `/ward/requests/${id}/call` });
    await bothBack(nurse, doctor, "the beginning");
    const { callId } = await read(nurseApi, id);

    await test.step("killed", async () => {
      const node = await carrier(nurse.page, nodes);
      expect(await carrier(doctor.page, nodes)).toBe(node);
      expect(node).not.toBe(first);
      await node.kill();
      const took = await bothBack(nurse, doctor, "the death of the call's node");
      expect(await carrier(nurse.page, nodes)).not.toBe(node);
      test.info().annotations.push({ type: "back after", description: `${took.toFixed(1)} s` });
      const after = await read(nurseApi, id);
      expect([after.callId, after.state]).toEqual([callId, "IN_PROGRESS"]);
      await node.start();
    });

    await test.step("drained", async () => {
      const node = await carrier(nurse.page, nodes);
      expect(node).not.toBe(first);
      const drained = node.drain();
      await expect
        .poll(async () => (await carrier(nurse.page, nodes)) === node, { timeout: 2 * patience })
        .toBe(false);
      await bothBack(nurse, doctor, "the draining of the call's node");
      await drained;
      const after = await read(nurseApi, id);
      expect([after.callId, after.state]).toEqual([callId, "IN_PROGRESS"]);
    });
    await expect(nurse.page.getByText(/已暂停/)).toHaveCount(0, { timeout: patience });
  } finally {
    for (const line of lines) line.close();
    for (const node of nodes.toReversed()) await node.remove();
  }
});
