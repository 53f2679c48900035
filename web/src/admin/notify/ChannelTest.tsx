import { Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand } from "../../api";
import type { Schemas } from "../../api/types";
import { Dialog } from "../../dialog";
import { Notice } from "../../theme";

/** Sends one message at once and shows what the provider answered. */
export function ChannelTest({
  channel,
  onClose,
  onTested,
}: {
  channel: Schemas["NotificationChannel"];
  onClose: () => void;
  onTested: () => void;
}) {
  const { t } = useTranslation(["admin", "common"]);
  const [phone, setPhone] = useState("");
  const test = useCommand("post", "/api/v1/notification-channels/{id}/test", { onSuccess: onTested });
  const sms = channel.kind === "SMS_WEBHOOK";
  const result = test.data;
  return (
    <Dialog
      title={t("notify.testFor", { name: channel.name })}
      onClose={onClose}
      act={t("notify.testSend")}
      busy={test.isPending}
      ready={sms && phone.trim() !== ""}
      error={test.error}
      onAct={() => test.mutate({ path: { id: channel.id }, body: sms ? { phone: phone.trim() } : {} })}
    >
      <p>{t("notify.testBody")}</p>
      {sms && (
        <>
          <label htmlFor="test-phone">{t("notify.phone")}</label>
          <Input
            id="test-phone"
            value={phone}
            inputMode="tel"
            maxLength={30}
            onChange={(event) => setPhone(event.target.value)}
          />
        </>
      )}
      <div role="status">
        {result?.ok && (
          <Notice kind="good" more={t("notify.testTook", { n: result.milliseconds })}>
            {t("notify.testOk")}
          </Notice>
        )}
        {result && !result.ok && (
          <Notice
            kind="danger"
            more={[
              result.status && t("notify.httpStatus", { n: result.status }),
              result.providerCode && t("notify.providerCode", { code: result.providerCode }),
            ]
              .filter(Boolean)
              .join(t("common:separator"))}
          >
            {result.error ?? t("notify.health.failing")}
          </Notice>
        )}
      </div>
    </Dialog>
  );
}
