import { CalendarOutlined } from "@ant-design/icons";
import { Button, Form, Input, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { useCatalogue, useCommand, useRead } from "../api";
import type { Schemas } from "../api/types";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServerNow } from "../clock/useServerNow";
import { FormDialog } from "../dialog";
import { useDay } from "../i18n/useDay";
import { useFormat } from "../i18n/useFormat";
import { Tone, type ToneKind } from "../theme";
import styles from "./Panel.module.css";
import { usePanelRefresh } from "./usePanelRefresh";

type Call = Schemas["RecallCall"];
type Result = Schemas["RecallResult"]["result"];

/** Whom to call, who is still to be called first, with the telephones. */
function RecallPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation("panel");
  const navigate = useNavigate();
  const recall = useRead("/api/v1/recalls/{id}", { path: { id } });
  return (
    <Page
      title={recall.data?.name ?? t("recall.title")}
      actions={<Button onClick={() => void navigate("/recalls")}>{t("recall.back")}</Button>}
    >
      <Loaded query={recall}>
        {(data) => (
          <>
            <p>
              {t("recall.progress", { done: data.total - data.todo - data.notReached, total: data.total })}
            </p>
            <ul className={styles.rows}>
              {(data.calls ?? []).map((c) => (
                <CallRow key={c.id} of={c} />
              ))}
            </ul>
          </>
        )}
      </Loaded>
    </Page>
  );
}
export { RecallPage as Component };

const tones: Record<string, ToneKind> = {
  TODO: "primary",
  REACHED: "good",
  BOOKED: "good",
  NOT_REACHED: "caution",
  DECLINED: "muted",
};

function CallRow({ of }: { of: Call }) {
  const { t } = useTranslation("panel");
  const { chosen, label } = useCatalogue();
  const format = useFormat();
  const day = useDay();
  const now = useServerNow(60_000);
  const navigate = useNavigate();
  const [noting, setNoting] = useState(false);
  const search = new URLSearchParams({ resident: of.residentId });
  if (of.plans[0]) search.set("reason", of.plans[0]);
  if (of.dueOn) search.set("due", of.dueOn);
  const phones = [
    ...(of.phone ? [{ key: "own", who: of.name, number: of.phone }] : []),
    ...of.contacts
      .filter((c) => c.phone)
      .map((c) => ({
        key: c.name,
        who: `${c.name} ${label("relations", c.relation)}`,
        number: c.phone ?? "",
      })),
    ...(of.homePhone ? [{ key: "home", who: of.home, number: of.homePhone }] : []),
  ];
  return (
    <li className={`${styles.row} ${styles.calls}`}>
      <div className={styles.who}>
        <Link to={`/panel/residents/${of.residentId}`}>
          <strong>{of.name}</strong>
        </Link>
        <span className={styles.quiet}>
          {of.home} {of.bed}
        </span>
        <span className={styles.quiet}>
          {of.plans.map((p) => chosen("plan_kind", p)).join(t("comma"))}
          {of.dueOn && ` · ${t("panel.next", { day: day(of.dueOn) })}`}
        </span>
      </div>
      <div className={styles.phones}>
        {phones.map((p) => (
          <span key={p.key}>
            <a href={`tel:${p.number}`}>{p.number}</a> <span className={styles.quiet}>{p.who}</span>
          </span>
        ))}
      </div>
      <div className={styles.who}>
        <span>
          <Tone kind={tones[of.result] ?? "muted"}>{chosen("recall_result", of.result)}</Tone>
        </span>
        {of.note && <span>{of.note}</span>}
        <span className={styles.quiet}>
          {of.calledAt
            ? t("recall.attempts", {
                n: of.attempts,
                name: of.calledBy ?? "",
                time: format.moment(of.calledAt, now),
              })
            : t("recall.notCalled")}
        </span>
      </div>
      <div className={styles.acts}>
        <Button
          type={of.result === "TODO" || of.result === "NOT_REACHED" ? "primary" : "default"}
          aria-label={t("recall.resultTitle", { name: of.name })}
          onClick={() => setNoting(true)}
        >
          {t("recall.result")}
        </Button>
        <Button
          icon={<CalendarOutlined aria-hidden />}
          aria-label={t("panel.bookFor", { name: of.name })}
          onClick={() => void navigate(`/booking/new?${search}`)}
        >
          {t("panel.book")}
        </Button>
      </div>
      {noting && <ResultDialog of={of} onClose={() => setNoting(false)} />}
    </li>
  );
}

function ResultDialog({ of, onClose }: { of: Call; onClose: () => void }) {
  const { t } = useTranslation("panel");
  const [form] = Form.useForm();
  const refresh = usePanelRefresh();
  const note = useCommand("post", "/api/v1/recall-calls/{id}", {
    onSuccess: () => {
      refresh();
      onClose();
    },
  });
  return (
    <FormDialog<{ result: Result; note?: string }>
      title={t("recall.resultTitle", { name: of.name })}
      act={t("plan.save")}
      form={form}
      initial={{ note: of.note }}
      busy={note.isPending}
      error={note.error}
      onClose={onClose}
      onSend={({ result, note: words }) =>
        note.mutate({
          path: { id: of.id },
          body: { result, revision: of.revision, ...(words?.trim() ? { note: words.trim() } : {}) },
        })
      }
    >
      <Form.Item
        name="result"
        label={t("recall.result")}
        rules={[{ required: true, message: t("needed") }]}
        className={styles.wide ?? ""}
      >
        <Radio.Group
          optionType="button"
          options={(["REACHED", "BOOKED", "NOT_REACHED", "DECLINED"] as const).map((value) => ({
            value,
            label: t(`recall.results.${value}`),
          }))}
        />
      </Form.Item>
      <Form.Item name="note" label={t("recall.note")} className={styles.wide ?? ""}>
        <Input.TextArea maxLength={300} autoSize={{ minRows: 2, maxRows: 4 }} />
      </Form.Item>
    </FormDialog>
  );
}
