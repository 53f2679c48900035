import { AlertOutlined, PhoneOutlined } from "@ant-design/icons";
import { Button, Checkbox, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { type Schemas, useCatalogue, useCommand, useRead } from "../api";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { Dialog, FormDialog, ReasonDialog, Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { useAway } from "../offline/useOffline";
import { Notice } from "../theme";
import type { Visit } from "./parts";
import { locate, useVisitsRefresh } from "./useVisits";
import styles from "./Visits.module.css";

type Step = "DECLINE" | "UNBOOK" | "DEPART" | "ARRIVE" | "LEAVE" | "BACK" | "NOT_DONE" | "CANCEL";

/** Which steps are asked why, and which are the next big one of the way. */
const whys = new Set<string>(["DECLINE", "NOT_DONE", "CANCEL"]);
const big = new Set<string>(["DEPART", "ARRIVE", "LEAVE", "BACK"]);
const onRoad = new Set<string>([...big, "NOT_DONE"]);

/** What the reader may do with a visit now, the next step largest. */
export function VisitActs({ of }: { of: Visit }) {
  const { t } = useTranslation("visits");
  const { choices } = useCatalogue();
  const refresh = useVisitsRefresh();
  const [asking, setAsking] = useState<string>();
  const [locating, setLocating] = useState(false);
  const [lost, setLost] = useState(false);
  const { offline, clock } = useServices();
  const [writing, setWriting] = useState(false);
  const [failed, setFailed] = useState<unknown>();
  const step = useCommand("post", "/api/v1/visits/{id}/step", {
    onSuccess: () => {
      setAsking(undefined);
      refresh();
    },
  });
  const take = async (action: Step) => {
    let place: Awaited<ReturnType<typeof locate>>;
    if (action === "ARRIVE" || action === "LEAVE") {
      setLocating(true);
      place = await locate();
      setLocating(false);
      setLost(!place);
    }
    if (onRoad.has(action)) await write({ action, ...(place ? { place } : {}) });
    else step.mutate({ path: { id: of.id }, body: { action, ...(place ? { place } : {}) } });
  };
  // What happens on the road is written down first: it is sent when the server can be reached.
  const write = async (body: Omit<Schemas["VisitStep"], "at">) => {
    setWriting(true);
    setFailed(undefined);
    try {
      const at = new Date(clock.now()).toISOString();
      await offline.act({
        kind: "STEP",
        about: { kind: "visit", id: of.id },
        who: of.residentName,
        at,
        body: { ...body, at },
      });
      setAsking(undefined);
    } catch (error) {
      setFailed(error);
    } finally {
      setWriting(false);
    }
  };
  const steps = of.actions.filter((a) => a !== "ASSESS" && a !== "BOOK" && a !== "SIGN");
  const out = ["BOOKED", "EN_ROUTE", "ARRIVED", "LEFT"].includes(of.state) || of.actions.includes("BACK");
  return (
    <>
      {steps.some((a) => big.has(a)) && (
        <span className={styles.acts}>
          {steps
            .filter((a) => big.has(a))
            .map((a, i) => (
              <Button
                key={a}
                type={i === 0 ? "primary" : "default"}
                size="large"
                className={styles.go ?? ""}
                loading={locating || writing || (step.isPending && asking === undefined)}
                onClick={() => void take(a as Step)}
              >
                {t(`go.${a as Step}`)}
              </Button>
            ))}
        </span>
      )}
      {locating && <span className={styles.quiet}>{t("go.locating")}</span>}
      {lost && of.arrivedAt && <Notice kind="caution">{t("go.noPlace")}</Notice>}
      <span className={styles.acts}>
        {of.actions.includes("ASSESS") && (
          <Button type="primary" onClick={() => setAsking("ASSESS")}>
            {t("assess.title")}
          </Button>
        )}
        {of.actions.includes("BOOK") && (
          <Button type={of.state === "ASSESSED" ? "primary" : "default"} onClick={() => setAsking("BOOK")}>
            {t("book.title")}
          </Button>
        )}
        {steps
          .filter((a) => !big.has(a))
          .map((a) => (
            <Button key={a} onClick={() => (whys.has(a) ? setAsking(a) : void take(a as Step))}>
              {t(`go.${a as Step}`)}
            </Button>
          ))}
        {out && of.actions.length > 0 && <AlarmKey id={of.id} />}
      </span>
      {asking === undefined && <Refused error={step.error ?? failed} />}
      {asking === "ASSESS" && <Assess of={of} onClose={() => setAsking(undefined)} />}
      {asking === "BOOK" && <Book of={of} onClose={() => setAsking(undefined)} />}
      {asking !== undefined && whys.has(asking) && (
        <ReasonDialog
          title={t(`go.${asking as Step}`)}
          reasons={choices("visit_end")}
          reasonsLabel={t("end.title")}
          label={t("end.words")}
          act={t(`go.${asking as Step}`)}
          busy={step.isPending || writing}
          error={step.error ?? failed}
          onClose={() => setAsking(undefined)}
          onSend={({ reason, words }) => {
            const body = { action: asking as Step, code: reason, ...(words ? { words } : {}) };
            if (onRoad.has(body.action)) void write(body);
            else step.mutate({ path: { id: of.id }, body });
          }}
        />
      )}
    </>
  );
}

/** One key for help, pressed twice. */
export function AlarmKey({ id }: { id: string }) {
  const { t } = useTranslation("visits");
  const [open, setOpen] = useState(false);
  const away = useAway();
  const refresh = useVisitsRefresh();
  const raise = useCommand("post", "/api/v1/visits/{id}/alarm", { onSuccess: refresh });
  return (
    <>
      <Button danger icon={<AlertOutlined aria-hidden />} onClick={() => setOpen(true)}>
        {t("alarm.key")}
      </Button>
      {open && (
        <Dialog
          title={t("alarm.key")}
          danger
          onClose={() => {
            setOpen(false);
            raise.reset();
          }}
          {...(raise.isSuccess ? {} : { act: t("alarm.key") })}
          busy={raise.isPending}
          error={raise.error}
          onAct={() =>
            void locate().then((place) => raise.mutate({ path: { id }, body: place ? { place } : {} }))
          }
        >
          <p>{raise.isSuccess ? t("alarm.raised") : t("alarm.confirm")}</p>
          {away && !raise.isSuccess && <Notice kind="danger">{t("alarm.away")}</Notice>}
          <span className={styles.acts}>
            <a href="tel:110">
              <Button icon={<PhoneOutlined aria-hidden />}>110</Button>
            </a>
            <a href="tel:120">
              <Button icon={<PhoneOutlined aria-hidden />}>120</Button>
            </a>
          </span>
        </Dialog>
      )}
    </>
  );
}

function Assess({ of, onClose }: { of: Visit; onClose: () => void }) {
  const { t } = useTranslation("visits");
  const { choices } = useCatalogue();
  const [form] = Form.useForm();
  const refresh = useVisitsRefresh();
  const open = of.openPlans ?? [];
  // Which of several a visit serves is the doctor's to say.
  const served = of.plans.length === 0 && open.length === 1 ? open : of.plans.filter((p) => open.includes(p));
  const send = useCommand("post", "/api/v1/visits/{id}/assessment", {
    onSuccess: () => {
      refresh();
      onClose();
    },
  });
  return (
    <FormDialog
      title={t("assess.title")}
      onClose={onClose}
      act={t("assess.send")}
      form={form}
      busy={send.isPending}
      error={send.error}
      initial={{ eligibility: of.eligibility, plans: served }}
      onSend={(v: {
        eligibility: string[];
        plans?: string[];
        exception?: string;
        note?: string;
        two?: boolean;
      }) =>
        send.mutate({
          path: { id: of.id },
          body: {
            eligibility: v.eligibility,
            two: v.two ?? false,
            ...(v.plans && open.length > 0 ? { plans: v.plans } : {}),
            ...(v.exception?.trim() ? { exception: v.exception.trim() } : {}),
            ...(v.note?.trim() ? { note: v.note.trim() } : {}),
          },
        })
      }
    >
      {of.gates
        .filter((g) => g.blocks)
        .map((g) => (
          <Notice key={g.code} kind="caution">
            {g.message}
          </Notice>
        ))}
      <Form.Item name="eligibility" label={t("assess.eligibility")} rules={[{ required: true }]}>
        <Checkbox.Group options={choices("visit_eligibility")} />
      </Form.Item>
      {of.gates.some((g) => g.code === "gate_no_family_contract") && (
        <Form.Item name="exception" label={t("assess.exception")}>
          <Input.TextArea maxLength={500} autoSize={{ minRows: 1 }} />
        </Form.Item>
      )}
      {open.length > 0 && (
        <Form.Item name="plans" label={t("assess.plans")}>
          <Checkbox.Group options={choices("plan_kind").filter((p) => open.includes(p.value))} />
        </Form.Item>
      )}
      <Form.Item name="note" label={t("assess.note")}>
        <Input.TextArea maxLength={1000} autoSize={{ minRows: 2 }} />
      </Form.Item>
      <Form.Item name="two" valuePropName="checked">
        <Checkbox>{t("assess.two")}</Checkbox>
      </Form.Item>
    </FormDialog>
  );
}

function Book({ of, onClose }: { of: Visit; onClose: () => void }) {
  const { t } = useTranslation("visits");
  const format = useFormat();
  const now = useServerNow(60_000);
  const [chosen, setChosen] = useState<string>();
  const refresh = useVisitsRefresh();
  const horizon = new Date(now.getTime() + 60 * 86_400_000).toISOString();
  const [span] = useState({ from: now.toISOString(), to: horizon });
  const list = useRead("/api/v1/appointments", { query: { residentId: of.residentId, ...span } });
  const send = useCommand("post", "/api/v1/visits/{id}/booking", {
    onSuccess: () => {
      refresh();
      onClose();
    },
  });
  const fitting = (list.data ?? []).filter((a) => a.place === "HOME" && a.status === "BOOKED");
  const navigate = useNavigate();
  const search = `/booking/new?resident=${of.residentId}&place=HOME&visit=${of.id}`;
  // Where nothing is booked yet there is one thing to do, and it is the button.
  if (list.isSuccess && fitting.length === 0)
    return (
      <Dialog
        title={t("book.title")}
        onClose={onClose}
        act={t("book.make")}
        onAct={() => void navigate(search)}
      >
        <p>{t("book.none")}</p>
      </Dialog>
    );
  return (
    <Dialog
      title={t("book.title")}
      onClose={onClose}
      act={t("book.send")}
      ready={chosen !== undefined}
      busy={send.isPending}
      error={send.error}
      onAct={() => chosen && send.mutate({ path: { id: of.id }, body: { appointmentId: chosen } })}
    >
      <Select
        aria-label={t("book.choose")}
        placeholder={t("book.choose")}
        loading={list.isPending}
        value={chosen ?? null}
        onChange={(value) => setChosen(value ?? undefined)}
        options={fitting.map((a) => ({
          value: a.id,
          label: [format.moment(a.startsAt, now), a.staff[0]?.name].filter(Boolean).join(" · "),
        }))}
        style={{ width: "100%" }}
      />
      <Link to={search}>{t("book.make")}</Link>
    </Dialog>
  );
}
