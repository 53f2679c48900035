import { CopyOutlined } from "@ant-design/icons";
import { Button, Checkbox, Form, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { Dialog, FormDialog, Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { Notice } from "../theme";
import styles from "./Booking.module.css";

/** Secret addresses at which calendar programs read one's appointments: made, copied once, revoked. */
function FeedsPage() {
  const { t } = useTranslation("booking");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { query } = useServices();
  const again = () => void query.invalidateQueries({ queryKey: ["/api/v1/calendar-feeds"] });
  const list = useRead("/api/v1/calendar-feeds");
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<Schemas["CalendarFeed"]>();
  const [revoking, setRevoking] = useState<Schemas["CalendarFeed"]>();
  const [form] = Form.useForm();
  const create = useCommand("post", "/api/v1/calendar-feeds", {
    onSuccess: (feed) => {
      again();
      setMaking(false);
      setMade(feed);
    },
  });
  const revoke = useCommand("delete", "/api/v1/calendar-feeds/{id}", {
    onSuccess: () => {
      again();
      setRevoking(undefined);
      setMade(undefined);
    },
  });
  const address = made?.path ? new URL(made.path, window.location.href).href : "";
  return (
    <Page
      title={t("feeds.title")}
      actions={
        <Button type="primary" onClick={() => setMaking(true)}>
          {t("feeds.add")}
        </Button>
      }
    >
      <p>{t("feeds.about")}</p>
      {made && (
        <Notice kind="good" more={t("feeds.once")}>
          {t("feeds.made", { name: made.name || t("feeds.unnamed") })}
          <span className={styles.line}>
            <Input
              readOnly
              className={styles.address ?? ""}
              aria-label={t("feeds.address")}
              value={address}
              onFocus={(event) => event.target.select()}
            />
            <Button
              icon={<CopyOutlined aria-hidden />}
              onClick={() => void navigator.clipboard.writeText(address)}
            >
              {t("feeds.copy")}
            </Button>
          </span>
        </Notice>
      )}
      <Loaded query={list}>
        {(rows) =>
          rows.length === 0 ? (
            <p className={styles.quiet}>{t("feeds.none")}</p>
          ) : (
            <ul className={styles.list}>
              {rows.map((f) => (
                <li key={f.id}>
                  <span>
                    <strong>{f.name || t("feeds.unnamed")}</strong>{" "}
                    <span className={styles.quiet}>
                      {t(`feeds.detail.${f.detail}`)} ·{" "}
                      {t("feeds.madeOn", { at: format.moment(f.createdAt, now) })} ·{" "}
                      {f.lastReadAt
                        ? t("feeds.read", { at: format.moment(f.lastReadAt, now) })
                        : t("feeds.neverRead")}
                    </span>
                  </span>
                  <Button danger onClick={() => setRevoking(f)}>
                    {t("feeds.revoke")}
                  </Button>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      {making && (
        <FormDialog
          title={t("feeds.add")}
          onClose={() => setMaking(false)}
          act={t("feeds.make")}
          form={form}
          busy={create.isPending}
          error={create.error}
          onSend={(v: { name?: string; bed?: boolean }) =>
            create.mutate({
              body: { ...(v.name?.trim() ? { name: v.name.trim() } : {}), detail: v.bed ? "BED" : "NONE" },
            })
          }
        >
          <Form.Item name="name" label={t("feeds.name")}>
            <Input maxLength={40} placeholder={t("feeds.nameHint")} />
          </Form.Item>
          <Form.Item name="bed" valuePropName="checked" extra={t("feeds.bedHint")}>
            <Checkbox>{t("feeds.bed")}</Checkbox>
          </Form.Item>
        </FormDialog>
      )}
      {revoking && (
        <Dialog
          title={t("feeds.revokeTitle", { name: revoking.name || t("feeds.unnamed") })}
          danger
          act={t("feeds.revoke")}
          busy={revoke.isPending}
          error={revoke.error}
          onClose={() => setRevoking(undefined)}
          onAct={() => revoke.mutate({ path: { id: revoking.id } })}
        >
          <p>{t("feeds.revokeBody")}</p>
        </Dialog>
      )}
      <Refused error={list.error} />
    </Page>
  );
}
export { FeedsPage as Component };
