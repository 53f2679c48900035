import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { useCommand } from "../api";
import type { Schemas } from "../api/types";
import { useServices } from "../app/services";
import { dayAfter, DayPicker, useToday } from "../dates";
import { FormDialog } from "../dialog";
import type { Resident } from "./parts";
import styles from "./Panel.module.css";

/** A list of calls out of the residents that were chosen, each for what is due. */
export function RecallDialog({
  teams,
  residents,
  onClose,
}: {
  teams: readonly Schemas["FdTeam"][];
  residents: readonly Resident[];
  onClose: () => void;
}) {
  const { t } = useTranslation("panel");
  const [form] = Form.useForm();
  const today = useToday();
  const navigate = useNavigate();
  const { query } = useServices();
  const own = teams.filter((team) => residents.some((r) => r.teamId === team.id));
  const create = useCommand("post", "/api/v1/recalls", {
    onSuccess: (made) => {
      void query.invalidateQueries({ queryKey: ["/api/v1/recalls"] });
      void navigate(`/recalls/${made.id}`);
    },
  });
  const needed = { required: true, message: t("needed") };
  return (
    <FormDialog<{ name: string; dueOn: string; teamId: string }>
      title={t("recall.new")}
      act={t("recall.save")}
      form={form}
      initial={{ teamId: own[0]?.id, dueOn: dayAfter(today, { days: 7 }) }}
      busy={create.isPending}
      error={create.error}
      onClose={onClose}
      onSend={(v) =>
        create.mutate({
          body: {
            ...v,
            name: v.name.trim(),
            residents: residents
              .filter((r) => r.teamId === v.teamId)
              .map((r) => ({
                residentId: r.residentId,
                planIds: r.plans.filter((p) => p.due !== "LATER").map((p) => p.id),
              })),
          },
        })
      }
    >
      <Form.Item name="name" label={t("recall.name")} rules={[needed]} className={styles.wide ?? ""}>
        <Input maxLength={60} />
      </Form.Item>
      <Form.Item name="dueOn" label={t("recall.dueOn")} rules={[needed]}>
        <DayPicker min={today} className={styles.full} allowClear={false} />
      </Form.Item>
      {own.length > 1 && (
        <Form.Item name="teamId" label={t("recall.team")} rules={[needed]}>
          <Select options={own.map((team) => ({ value: team.id, label: team.name }))} />
        </Form.Item>
      )}
      {own.length === 1 && <Form.Item name="teamId" hidden />}
      <p className={styles.wide}>{t("recall.people", { n: residents.length })}</p>
    </FormDialog>
  );
}
