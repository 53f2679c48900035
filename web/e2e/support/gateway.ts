import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "@playwright/test";
import type { Client, Schemas } from "./Client";
import { patience } from "./settings";

const secret = "gateway-of-the-browser-tests";

/** A gateway for SMS of an institution, as a hospital runs one beside the server: it keeps what it is to send. */
export interface Gateway {
  /** the text that a telephone got */
  message: (phone: string) => Promise<string>;
  close: () => Promise<void>;
}

/** Sets the institution's gateway up; the server has to allow addresses of this machine (`notify-private`). */
export async function openGateway(admin: Client, organisationId: string): Promise<Gateway> {
  const sent = new Map<string, string>();
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => (body += part));
    request.on("end", () => {
      const at = request.headers["lianzhen-timestamp"];
      const signed = `v1=${createHmac("sha256", secret)
        .update(`${String(at)}.${body}`)
        .digest("hex")}`;
      if (request.headers["lianzhen-signature"] !== signed) return response.writeHead(403).end();
      const { to, text } = JSON.parse(body) as { to: string; text: string };
      sent.set(to, text);
      return response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/sms`;
  const name = "短信网关";
  const channels = await admin.get<Schemas["NotificationChannel"][]>("/api/v1/notification-channels");
  // One that a test before has left is turned here.
  const kept = channels.find((one) => one.name === name && one.organisationId === organisationId);
  const change = (of: Schemas["NotificationChannel"], to: Partial<Schemas["NotificationChannelUpdate"]>) =>
    admin.send<Schemas["NotificationChannel"]>("PATCH", `/api/v1/notification-channels/${of.id}`, {
      revision: of.revision,
      ...to,
    } satisfies Schemas["NotificationChannelUpdate"]);
  const channel = kept
    ? await change(kept, { url, secret, enabled: true })
    : await admin.post<Schemas["NotificationChannel"]>("/api/v1/notification-channels", {
        organisationId,
        kind: "SMS_WEBHOOK",
        name,
        url,
        secret,
        events: [],
        locale: "zh-CN",
      } satisfies Schemas["NotificationChannelInput"]);
  return {
    message: async (phone) => {
      await expect
        .poll(() => sent.get(phone), { message: `a message to ${phone}`, timeout: 5 * patience })
        .toBeDefined();
      return sent.get(phone) ?? "";
    },
    close: async () => {
      await change(channel, { enabled: false });
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
