import { Button, Checkbox, Form, Input, InputNumber } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type Schemas, useCatalogue, useCommand, useRead } from "../api";
import { useServices } from "../app/services";
import { Loaded } from "../app/Loaded";
import { hasRole, useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { useOpinionWords } from "../life/opinion";
import { useLanguage } from "../i18n/useLanguage";
import { Tone } from "../theme";
import styles from "./Around.module.css";
import { DayRangePicker, dayAfter, useToday } from "../dates";
import { FormDialog } from "../dialog";

type Review = Schemas["QualityReview"];

/** Reports drawn at random and their score sheets. */
export function Reviews() {
  const { t } = useTranslation("around");
  const { chosen } = useCatalogue();
  const [drawing, setDrawing] = useState(false);
  const list = useRead("/api/v1/quality-reviews");
  return (
    <div className={styles.form}>
      <p>
        {t("review.toPass")}{" "}
        {["NC14", "NC15"].map((rule, i) => (
          <span key={rule}>
            {i > 0 && t("listSeparator")}
            <Link to={`/log?rule=${rule}`}>{chosen("count_rule", rule)}</Link>
          </span>
        ))}
      </p>
      <span className={styles.acts}>
        <Button type="primary" onClick={() => setDrawing(true)}>
          {t("review.draw")}
        </Button>
      </span>
      <Loaded query={list}>
        {(rows) =>
          rows.length === 0 ? (
            <p className={styles.quiet}>{t("review.none")}</p>
          ) : (
            <ul className={`${styles.list} ${styles.cards}`}>
              {rows.map((r) => (
                <Row key={r.id} of={r} />
              ))}
            </ul>
          )
        }
      </Loaded>
      {drawing && <DrawForm onClose={() => setDrawing(false)} />}
    </div>
  );
}

function Row({ of }: { of: Review }) {
  const { t } = useTranslation("around");
  const { label } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  const qc = hasRole(useMe(), "QC");
  const [marking, setMarking] = useState(false);
  const words = useOpinionWords();
  const { content } = of;
  return (
    <li>
      <span className={styles.line}>
        <Tone kind={of.state === "OPEN" ? "caution" : of.passed ? "good" : "danger"}>
          {of.state === "OPEN"
            ? t("review.open")
            : t(of.passed ? "review.passed" : "review.failed", { n: of.total })}
        </Tone>
        <strong>{of.serial}</strong>
        <span>{t("review.by", { name: of.author, version: of.version })}</span>
      </span>
      {content && (
        <span>
          {[
            words.examination(content),
            content.assessment,
            content.diagnoses?.map((d) => d.text).join(t("listSeparator")),
            content.advice?.map(words.said).join(t("listSeparator")),
            label("outcomes", content.outcome),
            words.referral(content),
            content.limits,
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
      )}
      {of.falseService && <Tone kind="danger">{t("review.foundFalse")}</Tone>}
      {of.comment && <span>{of.comment}</span>}
      <span className={styles.quiet}>
        {[
          t("review.drawn", { time: format.moment(of.sampledAt, now), seed: of.seed }),
          of.reviewer && t("review.marked", { name: of.reviewer }),
          of.sheet,
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
      {qc && of.state === "OPEN" && (
        <span className={styles.acts}>
          <Button onClick={() => setMarking(true)}>{t("review.mark")}</Button>
        </span>
      )}
      {marking && <MarkForm of={of} onClose={() => setMarking(false)} />}
    </li>
  );
}

function DrawForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("around");
  const { query } = useServices();
  const today = useToday();
  const [form] = Form.useForm();
  const draw = useCommand("post", "/api/v1/quality-reviews", {
    onSuccess: () => {
      void query.invalidateQueries({ queryKey: ["/api/v1/quality-reviews"] });
      onClose();
    },
  });
  return (
    <FormDialog<{ period: [string, string]; count: number; seed?: number }>
      title={t("review.draw")}
      act={t("review.draw")}
      form={form}
      initial={{ period: [dayAfter(today, { days: -30 }), today], count: 5 }}
      busy={draw.isPending}
      error={draw.error}
      onClose={onClose}
      onSend={({ period, count, seed }) =>
        draw.mutate({
          body: {
            from: period[0],
            to: period[1],
            count,
            ...(seed === undefined || seed === null ? {} : { seed }),
          },
        })
      }
    >
      <Form.Item name="period" label={t("review.period")} className={styles.wide ?? ""}>
        <DayRangePicker allowClear={false} />
      </Form.Item>
      <Form.Item name="count" label={t("review.count")}>
        <InputNumber min={1} max={50} precision={0} className={styles.full ?? ""} />
      </Form.Item>
      <Form.Item name="seed" label={t("review.seed")}>
        <InputNumber min={0} precision={0} className={styles.full ?? ""} />
      </Form.Item>
    </FormDialog>
  );
}

function MarkForm({ of, onClose }: { of: Review; onClose: () => void }) {
  const { t } = useTranslation("around");
  const language = useLanguage();
  const { catalogue } = useCatalogue();
  const { query } = useServices();
  const [form] = Form.useForm();
  const mark = useCommand("post", "/api/v1/quality-reviews/{id}", {
    onSuccess: () => {
      void query.invalidateQueries({ queryKey: ["/api/v1/quality-reviews"] });
      onClose();
    },
  });
  return (
    <FormDialog<{ scores: Record<string, number>; comment?: string; falseService?: boolean }>
      title={t("review.mark")}
      act={t("form.save")}
      form={form}
      busy={mark.isPending}
      error={mark.error}
      onClose={onClose}
      onSend={({ scores, comment, falseService }) =>
        mark.mutate({
          path: { id: of.id },
          body: {
            scores,
            ...(comment?.trim() ? { comment: comment.trim() } : {}),
            ...(falseService ? { falseService } : {}),
          },
        })
      }
    >
      {catalogue?.qualityItems.map((item) => (
        <Form.Item
          key={item.code}
          name={["scores", item.code]}
          label={`${language === "en" ? item.en : item.zh} (0–${item.points})`}
          rules={[{ required: true, message: t("form.needed") }]}
        >
          <InputNumber min={0} max={item.points} precision={0} className={styles.full ?? ""} />
        </Form.Item>
      ))}
      <Form.Item
        name="comment"
        label={t("review.comment")}
        className={styles.wide ?? ""}
        dependencies={["falseService"]}
        rules={[
          ({ getFieldValue }) => ({
            required: getFieldValue("falseService") === true,
            message: t("review.whyFalse"),
          }),
        ]}
      >
        <Input.TextArea maxLength={1000} autoSize={{ minRows: 2, maxRows: 6 }} />
      </Form.Item>
      <Form.Item name="falseService" valuePropName="checked" className={styles.wide ?? ""}>
        <Checkbox>{t("review.falseService")}</Checkbox>
      </Form.Item>
    </FormDialog>
  );
}
