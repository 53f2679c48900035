import { ArrowRightOutlined, ClockCircleOutlined, SwapOutlined } from "@ant-design/icons";
import { Button, Checkbox, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type Consultation, type Schemas, useCatalogue, useCommand, useRead } from "../api";
import { useServices } from "../app/services";
import { hasRole, useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { Tone, type ToneKind } from "../theme";
import styles from "./Around.module.css";
import { Dialog, FormDialog, Refused } from "../dialog";

type Referral = Schemas["Referral"];

function toneOf(state: string): ToneKind {
  if (state === "REFUSED") return "danger";
  if (state === "CLOSED" || state === "RETURNED") return "good";
  return state === "REQUESTED" ? "caution" : "primary";
}

/** A referral: where it leads, where it stands, who did what, and what the reader may do now. */
export function ReferralRow({ of }: { of: Referral }) {
  const { t } = useTranslation("around");
  const { label } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  // A dispatcher moves a referral and reads no record.
  const reads = hasRole(useMe(), "INST_ADMIN", "NURSE", "ATTENDING", "FAMILY_DOCTOR", "CONSULTANT");
  return (
    <li>
      <span className={styles.line}>
        <Tone kind={toneOf(of.state)} icon={<SwapOutlined aria-hidden />}>
          {label("referralStates", of.state)}
        </Tone>
        <strong>{label("referralDirections", of.direction)}</strong>
        <span>
          {of.from} <ArrowRightOutlined aria-label={t("referral.to")} /> {of.to} {of.department}
        </span>
        {of.late && (
          <Tone kind="danger" icon={<ClockCircleOutlined aria-hidden />}>
            {t("referral.late", { day: format.day(of.closeDueOn, now) })}
          </Tone>
        )}
        {of.greenChannel && (
          <Tone kind={of.greenMetAt ? "good" : "caution"}>
            {t(of.greenMetAt ? "referral.greenMet" : "referral.greenOpen", {
              what: label("greenChannels", of.greenChannel),
            })}
          </Tone>
        )}
      </span>
      <span className={styles.line}>
        <span>
          {[of.bed, of.residentName, format.sex(of.sex), format.age(of.age)].filter(Boolean).join(" ")}
        </span>
        {reads ? (
          <Link to={`/consultations/${of.consultationId}`}>{of.serial}</Link>
        ) : (
          <span>{of.serial}</span>
        )}
      </span>
      {of.reason && <span>{t("referral.reasonIs", { words: of.reason })}</span>}
      {of.refusal && <span>{t("referral.refusalIs", { words: of.refusal })}</span>}
      {of.greenNote && <span>{of.greenNote}</span>}
      {of.outcome && <span>{t("referral.outcomeIs", { words: of.outcome })}</span>}
      <span className={styles.quiet}>
        {of.steps
          .map((s) =>
            [
              s.step === "REQUEST" ? t("referral.requested") : label("referralActions", s.step),
              s.by,
              format.moment(s.at, now),
            ].join(" "),
          )
          .join(" → ")}
      </span>
      <Steps of={of} />
    </li>
  );
}

/** Steps that need words, and those that may have some. */
const withWords = new Set(["REFUSE", "CLOSE", "DECLINED_BY_PATIENT", "GREEN_MET"]);
const needWords = new Set(["REFUSE", "CLOSE"]);

function Steps({ of }: { of: Referral }) {
  const { t } = useTranslation("around");
  const { label } = useCatalogue();
  const { query } = useServices();
  const [asking, setAsking] = useState<string>();
  const [words, setWords] = useState("");
  const step = useCommand("post", "/api/v1/referrals/{id}/step", {
    onSuccess: () => {
      setAsking(undefined);
      setWords("");
      void query.invalidateQueries({ queryKey: ["/api/v1/referrals"] });
    },
  });
  if (of.actions.length === 0) return null;
  const take = (action: string) =>
    step.mutate({
      path: { id: of.id },
      body: { action, ...(words.trim() ? { words: words.trim() } : {}) },
    });
  const lacking = asking !== undefined && needWords.has(asking) && words.trim() === "";
  return (
    <>
      <span className={styles.acts}>
        {of.actions.map((action) => (
          <Button
            key={action}
            type={action === "ACCEPT" || action === "ARRIVE" ? "primary" : "default"}
            loading={step.isPending && asking === undefined}
            onClick={() => (withWords.has(action) ? setAsking(action) : take(action))}
          >
            {label("referralActions", action)}
          </Button>
        ))}
      </span>
      {asking === undefined && <Refused error={step.error} />}
      <Dialog
        open={asking !== undefined}
        title={label("referralActions", asking)}
        onClose={() => setAsking(undefined)}
        act={label("referralActions", asking)}
        busy={step.isPending}
        ready={!lacking}
        error={step.error}
        onAct={() => asking && take(asking)}
      >
        <label htmlFor="referral-words">
          {asking && needWords.has(asking) ? t("referral.words") : t("referral.wordsOptional")}
        </label>
        <Input.TextArea
          id="referral-words"
          value={words}
          maxLength={1000}
          autoSize={{ minRows: 3, maxRows: 8 }}
          onChange={(event) => setWords(event.target.value)}
        />
      </Dialog>
    </>
  );
}

/** The referrals of a consultation, and the way to make one. */
export function CaseReferrals({ c }: { c: Consultation }) {
  const { t } = useTranslation("around");
  const [open, setOpen] = useState(false);
  const list = useRead("/api/v1/referrals", { query: { consultationId: c.id } });
  const may = c.actions.includes("createReferral");
  if (!may && !list.data?.length) return null;
  return (
    <div className={styles.form}>
      <ul className={styles.list}>
        {list.data?.map((r) => (
          <ReferralRow key={r.id} of={r} />
        ))}
      </ul>
      {may && (
        <span className={styles.acts}>
          <Button icon={<SwapOutlined aria-hidden />} onClick={() => setOpen(true)}>
            {t("referral.make")}
          </Button>
        </span>
      )}
      {open && <ReferralForm c={c} onClose={() => setOpen(false)} />}
    </div>
  );
}

function ReferralForm({ c, onClose }: { c: Consultation; onClose: () => void }) {
  const { t } = useTranslation("around");
  const { options } = useCatalogue();
  const { query } = useServices();
  const [form] = Form.useForm();
  const direction = Form.useWatch("direction", form) as string | undefined;
  const [outside, setOutside] = useState(false);
  const places = useRead("/api/v1/referral-places", { query: { consultationId: c.id } }).data ?? [];
  const make = useCommand("post", "/api/v1/consultations/{id}/referrals", {
    onSuccess: () => {
      void query.invalidateQueries({ queryKey: ["/api/v1/referrals"] });
      onClose();
    },
  });
  const fixed = direction === "DOWN" || direction === "CARE_TO_MED" || direction === "MED_TO_CARE";
  const needed = { required: true, message: t("form.needed") };
  return (
    <FormDialog
      title={t("referral.make")}
      onClose={onClose}
      width="wide"
      act={t("referral.send")}
      busy={make.isPending}
      form={form}
      initial={{ direction: "UP" }}
      error={make.error}
      onSend={(v: {
        direction: string;
        toOrganisationId?: string;
        toName?: string;
        departmentCode?: string;
        reason: string;
        greenChannel?: "APPOINTMENT_SLOT" | "BED" | "EXAM";
      }) =>
        make.mutate({
          path: { id: c.id },
          body: {
            direction: v.direction,
            reason: v.reason.trim(),
            ...(v.departmentCode ? { departmentCode: v.departmentCode } : {}),
            ...(v.greenChannel ? { greenChannel: v.greenChannel } : {}),
            ...(!fixed && outside && v.toName?.trim() ? { toName: v.toName.trim() } : {}),
            ...(!fixed && !outside && v.toOrganisationId ? { toOrganisationId: v.toOrganisationId } : {}),
          },
        })
      }
    >
      <Form.Item name="direction" label={t("referral.direction")}>
        <Select options={options("referralDirections")} />
      </Form.Item>
      {!fixed && (
        <Form.Item
          name={outside ? "toName" : "toOrganisationId"}
          label={t("referral.place")}
          extra={
            <Checkbox checked={outside} onChange={(event) => setOutside(event.target.checked)}>
              {t("referral.outside")}
            </Checkbox>
          }
        >
          {outside ? (
            <Input maxLength={100} />
          ) : (
            <Select
              allowClear
              placeholder={c.invitedOrg?.name}
              options={places.map((p) => ({ value: p.id, label: p.name }))}
            />
          )}
        </Form.Item>
      )}
      <Form.Item name="departmentCode" label={t("referral.department")}>
        <Select allowClear showSearch={{ optionFilterProp: "search" }} options={options("departments")} />
      </Form.Item>
      <Form.Item name="greenChannel" label={t("referral.green")}>
        <Select allowClear options={options("greenChannels")} />
      </Form.Item>
      <Form.Item name="reason" label={t("referral.reason")} rules={[needed]} className={styles.wide ?? ""}>
        <Input.TextArea maxLength={1000} autoSize={{ minRows: 3, maxRows: 8 }} />
      </Form.Item>
    </FormDialog>
  );
}
