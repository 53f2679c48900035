import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { App, Button, DatePicker, Form, Popconfirm, Select, Table } from "antd";
import dayjs, { type Dayjs } from "dayjs";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { fieldErrors, useCatalogue, useCommand, useErrorText, useRead } from "../api";
import type { Role, Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import styles from "./Admin.module.css";

const onDuty = new Set<Role>(["ATTENDING", "CONSULTANT", "NURSE"]);

/** Who is on duty in the next two weeks. */
function RosterPage() {
  const { t } = useTranslation(["admin", "common"]);
  const format = useFormat();
  const now = useServerNow();
  const { label } = useCatalogue();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const [from] = useState(() => dayjs().startOf("day"));
  const query = { from: from.toISOString(), to: from.add(14, "day").toISOString() };
  const shifts = useRead("/api/v1/duty-shifts", { query });
  const changed = () => void shifts.refetch();
  const remove = useCommand("delete", "/api/v1/duty-shifts/{id}", {
    onSuccess: changed,
    onError: (error) => void message.error(errorText(error)),
  });

  return (
    <Page title={t("roster.title")}>
      <p className={styles.quiet}>{t("roster.note")}</p>
      <NewShift onCreated={changed} />
      <h2>{t("roster.week")}</h2>
      <Loaded query={shifts}>
        {(rows) => (
          <Table<Schemas["DutyShift"]>
            rowKey="id"
            size="middle"
            pagination={false}
            scroll={{ x: "max-content" }}
            dataSource={rows}
            locale={{ emptyText: t("roster.empty") }}
            columns={[
              { title: t("roster.person"), dataIndex: "userName" },
              {
                title: t("people.role"),
                render: (_, s) => [label("roles", s.role), s.departmentName].filter(Boolean).join(" "),
              },
              {
                title: t("roster.from"),
                render: (_, s) => `${format.day(s.startsAt, now)} ${format.clock(s.startsAt)}`,
              },
              {
                title: t("roster.to"),
                render: (_, s) => `${format.day(s.endsAt, now)} ${format.clock(s.endsAt)}`,
              },
              {
                key: "acts",
                render: (_, s) => (
                  <Popconfirm
                    title={t("roster.removeConfirm")}
                    onConfirm={() => remove.mutate({ path: { id: s.id } })}
                  >
                    <Button size="small" icon={<DeleteOutlined />}>
                      {t("roster.remove")}
                    </Button>
                  </Popconfirm>
                ),
              },
            ]}
          />
        )}
      </Loaded>
    </Page>
  );
}

function NewShift({ onCreated }: { onCreated: () => void }) {
  const { t } = useTranslation(["admin", "common"]);
  const { label } = useCatalogue();
  const errorText = useErrorText();
  const [form] = Form.useForm<{ who: string; period: [Dayjs, Dayjs] }>();
  const users = useRead("/api/v1/users").data ?? [];
  const people = users
    .filter((u) => !u.disabled)
    .flatMap((u) =>
      u.roles
        .filter((m) => onDuty.has(m.role))
        .map((m) => ({
          value: [u.id, m.role, m.departmentId ?? ""].join(" "),
          label: [u.name, label("roles", m.role), m.departmentName].filter(Boolean).join(" "),
        })),
    );
  const create = useCommand("post", "/api/v1/duty-shifts", {
    onSuccess: () => {
      form.resetFields();
      onCreated();
    },
    onError: (error) =>
      form.setFields(
        fieldErrors(error).map((f) => ({
          ...f,
          name: f.name[0] === "userId" ? "who" : "period",
        })) as Parameters<typeof form.setFields>[0],
      ),
  });
  return (
    <Form
      form={form}
      layout="inline"
      className={styles.filters}
      onFinish={({ who, period: [from, to] }) => {
        const [userId = "", role = "", departmentId = ""] = who.split(" ");
        create.mutate({
          body: {
            userId,
            role: role as Role,
            startsAt: from.toISOString(),
            endsAt: to.toISOString(),
            ...(departmentId ? { departmentId } : {}),
          },
        });
      }}
    >
      <Form.Item name="who" label={t("roster.person")} rules={[{ required: true }]}>
        <Select className={styles.person} showSearch optionFilterProp="label" options={people} />
      </Form.Item>
      <Form.Item name="period" label={t("roster.time")} rules={[{ required: true }]}>
        <DatePicker.RangePicker showTime={{ format: "HH:mm", minuteStep: 15 }} format="YYYY-MM-DD HH:mm" />
      </Form.Item>
      <Button type="primary" htmlType="submit" icon={<PlusOutlined />} loading={create.isPending}>
        {t("roster.add")}
      </Button>
      {create.error && (
        <p role="alert" className={styles.failed}>
          {errorText(create.error)}
        </p>
      )}
    </Form>
  );
}

export { RosterPage as Component };
