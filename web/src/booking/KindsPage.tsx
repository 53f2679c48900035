import { Button, Checkbox, Form, Input, InputNumber, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue, useCommand, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServices } from "../app/services";
import { FormDialog } from "../dialog";
import styles from "./Booking.module.css";
import { Places } from "./Places";

type Kind = Schemas["AppointmentKind"];
type Input_ = Schemas["AppointmentKindInput"];

/** What residents can be booked for. */
function KindsPage() {
  const { t } = useTranslation("booking");
  const list = useRead("/api/v1/appointment-kinds", {});
  const [open, setOpen] = useState<Kind | "NEW">();
  return (
    <Page
      title={t("kinds.title")}
      actions={
        <Button type="primary" onClick={() => setOpen("NEW")}>
          {t("kinds.add")}
        </Button>
      }
    >
      <Loaded query={list}>
        {(rows) =>
          rows.length === 0 ? (
            <p className={styles.quiet}>{t("kinds.none")}</p>
          ) : (
            <ul className={styles.list}>
              {rows.map((k) => (
                <li key={k.id}>
                  <span>
                    <strong>{k.name}</strong> {k.organisationName}{" "}
                    <span className={styles.quiet}>
                      {t("kinds.line", {
                        place: t(`place.${k.place}`),
                        minutes: k.minutes,
                        capacity: k.capacity,
                      })}
                    </span>
                  </span>
                  {k.mayChange && <Button onClick={() => setOpen(k)}>{t("kinds.edit")}</Button>}
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <Places />
      {open && (
        <KindDialog
          key={open === "NEW" ? "new" : open.id}
          of={open === "NEW" ? undefined : open}
          onClose={() => setOpen(undefined)}
        />
      )}
    </Page>
  );
}
export { KindsPage as Component };

interface Entered extends Omit<Input_, "noticeMinutes" | "freeCancelMinutes"> {
  noticeHours: number;
  freeHours: number;
}

function KindDialog({ of, onClose }: { of: Kind | undefined; onClose: () => void }) {
  const { t } = useTranslation("booking");
  const { options } = useCatalogue();
  const { query } = useServices();
  const [form] = Form.useForm();
  const done = () => {
    void query.invalidateQueries({ queryKey: ["/api/v1/appointment-kinds"] });
    onClose();
  };
  const add = useCommand("post", "/api/v1/appointment-kinds", { onSuccess: done });
  const change = useCommand("put", "/api/v1/appointment-kinds/{id}", { onSuccess: done });
  const send = ({ noticeHours, freeHours, ...v }: Entered) => {
    const kind = { ...v, noticeMinutes: noticeHours * 60, freeCancelMinutes: freeHours * 60 };
    if (of) change.mutate({ path: { id: of.id }, body: { revision: of.revision, kind } });
    else add.mutate({ body: kind });
  };
  const needed = [{ required: true }];
  const number = (name: keyof Entered, label: string, min: number, max: number) => (
    <Form.Item name={name} label={label} rules={needed}>
      <InputNumber min={min} max={max} />
    </Form.Item>
  );
  return (
    <FormDialog
      title={t(of ? "kinds.edit" : "kinds.add")}
      width="wide"
      onClose={onClose}
      act={t("kinds.save")}
      form={form}
      busy={add.isPending || change.isPending}
      error={add.error ?? change.error}
      initial={
        of
          ? {
              name: of.name,
              place: of.place,
              minutes: of.minutes,
              stepMinutes: of.stepMinutes,
              beforeMinutes: of.beforeMinutes,
              afterMinutes: of.afterMinutes,
              travelMinutes: of.travelMinutes,
              noticeHours: of.noticeMinutes / 60,
              freeHours: of.freeCancelMinutes / 60,
              horizonDays: of.horizonDays,
              capacity: of.capacity,
              duty: of.duty,
              bookedBy: of.bookedBy,
            }
          : {
              place: "HOME",
              minutes: 40,
              stepMinutes: 20,
              beforeMinutes: 0,
              afterMinutes: 10,
              travelMinutes: 20,
              noticeHours: 2,
              freeHours: 24,
              horizonDays: 30,
              capacity: 1,
              duty: "BLOCKS",
              bookedBy: ["FAMILY_DOCTOR", "NURSE", "ATTENDING", "INST_ADMIN", "DISPATCHER"],
            }
      }
      onSend={send}
    >
      <Form.Item name="name" label={t("kinds.name")} rules={[{ required: true, whitespace: true }]}>
        <Input maxLength={40} />
      </Form.Item>
      <Form.Item name="place" label={t("kinds.place")} rules={needed}>
        <Select
          options={(["HOME", "CLINIC", "INSTITUTION", "ONLINE"] as const).map((value) => ({
            value,
            label: t(`place.${value}`),
          }))}
        />
      </Form.Item>
      {number("minutes", t("kinds.minutes"), 5, 480)}
      {number("stepMinutes", t("kinds.step"), 5, 480)}
      {number("travelMinutes", t("kinds.travel"), 0, 240)}
      {number("beforeMinutes", t("kinds.before"), 0, 240)}
      {number("afterMinutes", t("kinds.after"), 0, 240)}
      {number("noticeHours", t("kinds.notice"), 0, 720)}
      {number("freeHours", t("kinds.free"), 0, 720)}
      {number("horizonDays", t("kinds.horizon"), 1, 366)}
      {number("capacity", t("kinds.capacity"), 1, 100)}
      <Form.Item name="duty" label={t("kinds.duty")} rules={needed}>
        <Select
          options={(["BLOCKS", "OFFERS", "IGNORED"] as const).map((value) => ({
            value,
            label: t(`kinds.duties.${value}`),
          }))}
        />
      </Form.Item>
      <Form.Item name="bookedBy" label={t("kinds.by")} rules={needed}>
        <Checkbox.Group
          options={options("roles").filter((o) =>
            ["FAMILY_DOCTOR", "NURSE", "ATTENDING", "CONSULTANT", "DISPATCHER", "INST_ADMIN"].includes(
              o.value,
            ),
          )}
        />
      </Form.Item>
    </FormDialog>
  );
}
