import { Checkbox, Form, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { dayAfter, DayPicker, useToday } from "../dates";
import { FormDialog } from "../dialog";
import { useDay } from "../i18n/useDay";
import { useFormat } from "../i18n/useFormat";
import styles from "./Panel.module.css";
import type { Contract } from "./parts";
import { usePanelRefresh } from "./usePanelRefresh";

/** What a contract usually holds; everything can be chosen otherwise. */
const usual = ["EHR", "ELDER_CHECK", "CHRONIC_FOLLOW_UP", "HEALTH_EDUCATION", "BASIC_CARE", "REFERRAL"];
const basic = new Set([...usual, "LONG_RX"]);

interface Values {
  teamId: string;
  residentId: string;
  items: string[];
  startsOn: string;
  years: 0 | 1 | 2 | 3;
  endsOn?: string;
}

/** Draws up a contract with a resident, or changes one before it is signed. */
export function ContractDialog({
  teams,
  of,
  onClose,
  onDone,
}: {
  teams: readonly Schemas["FdTeam"][];
  of?: Contract;
  onClose: () => void;
  onDone: (made: Contract) => void;
}) {
  const { t } = useTranslation("panel");
  const { choices } = useCatalogue();
  const format = useFormat();
  const day = useDay();
  const [form] = Form.useForm<Values>();
  const today = useToday();
  const refresh = usePanelRefresh();
  const teamId = Form.useWatch("teamId", form) ?? teams[0]?.id ?? "";
  const years = Form.useWatch("years", form);
  const starts = Form.useWatch("startsOn", form);
  const candidates = useRead(
    "/api/v1/fd-candidates",
    { query: { teamId } },
    { enabled: !of && teamId !== "" },
  );
  const done = (made: Contract) => {
    refresh();
    onDone(made);
  };
  const create = useCommand("post", "/api/v1/fd-contracts", { onSuccess: done });
  const update = useCommand("put", "/api/v1/fd-contracts/{id}", { onSuccess: done });
  const needed = { required: true, message: t("needed") };
  const lastOf = (from: string, n: number) => dayAfter(dayAfter(from, { months: 12 * n }), { days: -1 });
  const whole = of ? ([1, 2, 3] as const).find((n) => lastOf(of.startsOn, n) === of.endsOn) : 1;
  return (
    <FormDialog<Values>
      title={of ? of.number : t("contract.new")}
      act={t("contract.save")}
      width="wide"
      form={form}
      fieldNames={{ packages: "items" }}
      initial={{
        teamId: of?.teamId ?? teams[0]?.id,
        items: of?.items ?? usual,
        startsOn: of?.startsOn ?? today,
        years: whole ?? 0,
        endsOn: of?.endsOn,
      }}
      busy={create.isPending || update.isPending}
      error={create.error ?? update.error}
      onClose={onClose}
      onSend={(v) => {
        const terms = {
          packages: ["BASIC", ...(v.items.some((item) => !basic.has(item)) ? ["PERSONALISED"] : [])],
          items: v.items,
          startsOn: v.startsOn,
          endsOn: v.years > 0 ? lastOf(v.startsOn, v.years) : (v.endsOn ?? lastOf(v.startsOn, 1)),
        };
        if (of) update.mutate({ path: { id: of.id }, body: { ...terms, revision: of.revision } });
        else create.mutate({ body: { ...terms, teamId: v.teamId, residentId: v.residentId } });
      }}
    >
      {of && <Form.Item name="teamId" hidden />}
      {!of && (
        <>
          <Form.Item
            name="teamId"
            label={t("contract.chooseTeam")}
            rules={[needed]}
            {...(teams.length === 1 ? { hidden: true } : {})}
          >
            <Select options={teams.map((team) => ({ value: team.id, label: team.name }))} />
          </Form.Item>
          <Form.Item
            name="residentId"
            label={t("contract.chooseResident")}
            rules={[needed]}
            className={styles.wide ?? ""}
          >
            <Select
              showSearch={{ optionFilterProp: "search" }}
              loading={candidates.isFetching}
              options={(candidates.data ?? []).map((c) => ({
                value: c.residentId,
                search: `${c.name} ${c.home} ${c.bed}`,
                disabled: c.contractState === "DRAFT",
                label: (
                  <span className={styles.line}>
                    <span>
                      {c.home} {c.bed} {c.name} {format.sex(c.sex)} {format.age(c.age)}
                    </span>
                    {c.contractId && (
                      <span className={styles.quiet}>
                        {c.contractState === "DRAFT"
                          ? t("contract.hasDraft")
                          : t("contract.hasContract", {
                              team: c.contractTeam ?? "",
                              day: day(c.contractEndsOn ?? ""),
                            })}
                      </span>
                    )}
                  </span>
                ),
              }))}
            />
          </Form.Item>
        </>
      )}
      <Form.Item name="startsOn" label={t("contract.starts")} rules={[needed]}>
        <DayPicker className={styles.full} allowClear={false} />
      </Form.Item>
      <Form.Item
        name="years"
        label={t("contract.years")}
        extra={starts && years ? `${t("contract.ends")} ${day(lastOf(starts, years))}` : undefined}
      >
        <Select
          options={[
            ...[1, 2, 3].map((n) => ({ value: n, label: t("contract.yearsN", { n }) })),
            { value: 0, label: t("contract.otherEnd") },
          ]}
        />
      </Form.Item>
      {years === 0 && (
        <Form.Item name="endsOn" label={t("contract.ends")} rules={[needed]}>
          <DayPicker className={styles.full} allowClear={false} />
        </Form.Item>
      )}
      <Form.Item name="items" label={t("contract.items")} rules={[needed]} className={styles.wide ?? ""}>
        <Checkbox.Group className={styles.full ?? ""}>
          <div className={`${styles.stack} ${styles.full}`}>
            {(["BASIC", "PERSONALISED"] as const).map((of2) => (
              <div key={of2}>
                <strong>{choices("fd_package").find((p) => p.value === of2)?.label}</strong>
                <div className={styles.items}>
                  {choices("fd_package_item")
                    .filter((item) => basic.has(item.value) === (of2 === "BASIC"))
                    .map((item) => (
                      <Checkbox key={item.value} value={item.value}>
                        {item.label}
                      </Checkbox>
                    ))}
                </div>
              </div>
            ))}
          </div>
        </Checkbox.Group>
      </Form.Item>
    </FormDialog>
  );
}
