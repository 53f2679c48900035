import { CheckOutlined, ClockCircleOutlined, RollbackOutlined, WarningOutlined } from "@ant-design/icons";
import { Button, Skeleton } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCatalogue, useCommand, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServices } from "../app/services";
import { useServerNow } from "../clock/useServerNow";
import { ReasonDialog, Refused } from "../dialog";
import { useFormat } from "../i18n/useFormat";
import { useLanguage } from "../i18n/useLanguage";
import { Tone } from "../theme";
import styles from "./Around.module.css";

type Task = Schemas["PrescriptionTask"];

/** The pharmacist's page: what waits for a review, the oldest first, then what was decided lately. */
function PrescriptionsPage() {
  const { t } = useTranslation("around");
  const list = useRead("/api/v1/prescriptions");
  return (
    <Page title={t("rx.title")}>
      <p className={styles.quiet}>{t("rx.note")}</p>
      <Loaded query={list}>
        {(rows) => {
          const asked = rows.filter((r) => r.state === "ASKED");
          const decided = rows.filter((r) => r.state !== "ASKED");
          return (
            <div className={styles.form}>
              {asked.length === 0 && (
                <p>
                  <Tone kind="good" icon={<CheckOutlined aria-hidden />}>
                    {t("rx.none")}
                  </Tone>
                </p>
              )}
              <ul
                className={`${styles.list} ${styles.cards}`}
                aria-label={t("rx.waiting", { n: asked.length })}
              >
                {asked.map((r, i) => (
                  <Row key={r.id} of={r} first={i === 0} />
                ))}
              </ul>
              {decided.length > 0 && (
                <section aria-labelledby="rx-decided">
                  <h2 id="rx-decided">{t("rx.decided")}</h2>
                  <ul className={`${styles.list} ${styles.cards}`}>
                    {decided.map((r) => (
                      <Row key={r.id} of={r} first={false} />
                    ))}
                  </ul>
                </section>
              )}
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}
export { PrescriptionsPage as Component };

/** One reference. The oldest that waits is open; the others open on a press, since each look is logged. */
function Row({ of, first }: { of: Task; first: boolean }) {
  const { t } = useTranslation("around");
  const { label } = useCatalogue();
  const format = useFormat();
  const now = useServerNow(60_000);
  const [opened, setOpened] = useState(false);
  const waits = of.state === "ASKED";
  return (
    <li>
      <span className={styles.line}>
        <strong>{of.medicine}</strong>
        <span>
          {[of.dose, label("medFrequencies", of.frequency), label("medRoutes", of.route)].join(" · ")}
        </span>
        {of.supplyWeeks && <span>{t("file.rxWeeks", { n: of.supplyWeeks })}</span>}
        <Tone
          kind={waits ? "caution" : of.state === "APPROVED" ? "good" : "danger"}
          icon={waits ? <ClockCircleOutlined aria-hidden /> : undefined}
        >
          {t(`rx.state.${of.state}`)}
        </Tone>
      </span>
      <span>
        {[of.resident, format.sex(of.sex), format.age(of.age), of.home].filter(Boolean).join(" · ")}
      </span>
      {of.remark && <span>{of.remark}</span>}
      {of.note && <span>{t("rx.said", { words: of.note })}</span>}
      <span className={styles.quiet}>
        {[
          t("rx.number", { number: of.number, institution: of.institution }),
          t("rx.asked", { name: of.askedBy, time: format.moment(of.askedAt, now) }),
          of.decidedAt && t("rx.by", { name: of.pharmacist, time: format.moment(of.decidedAt, now) }),
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
      {waits && !opened && (
        <span className={styles.acts}>
          <Button type={first ? "primary" : "default"} onClick={() => setOpened(true)}>
            {t("rx.open")}
          </Button>
        </span>
      )}
      {waits && opened && <Case id={of.id} />}
    </li>
  );
}

/** What the reference is judged by, and the two decisions. */
function Case({ id }: { id: string }) {
  const { t } = useTranslation("around");
  const english = useLanguage() === "en";
  const { label } = useCatalogue();
  const { query } = useServices();
  const [refusing, setRefusing] = useState(false);
  const { data } = useRead("/api/v1/prescriptions/{id}", { path: { id } });
  const decide = useCommand("post", "/api/v1/prescriptions/{id}", {
    onSuccess: () => void query.invalidateQueries({ queryKey: ["/api/v1/prescriptions"] }),
  });
  if (!data) return <Skeleton active paragraph={{ rows: 3 }} />;
  const words = (list: (string | undefined)[]) => list.filter(Boolean).join(t("listSeparator"));
  const facts = [
    [t("rx.allergies"), words([...data.allergies.map((a) => a.substance), data.allergyText])],
    [t("rx.conditions"), words(data.conditions.map((c) => (english && c.en ? c.en : c.zh)))],
    [
      t("rx.others"),
      words(data.others.map((m) => `${m.name} ${m.dose} ${label("medFrequencies", m.frequency)}`)),
    ],
  ] as const;
  return (
    <div className={styles.form}>
      <span className={styles.tags}>
        {data.warnings
          .filter((w) => w.code !== "rx_asked" && w.code !== "medicine_unverified")
          .map((w) => (
            <Tone
              key={w.code + w.message}
              kind={w.severe ? "danger" : "caution"}
              icon={<WarningOutlined aria-hidden />}
            >
              {w.message}
            </Tone>
          ))}
      </span>
      <dl className={styles.facts}>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value || t("rx.nothing")}</dd>
          </div>
        ))}
      </dl>
      {!refusing && <Refused error={decide.error} />}
      <span className={styles.acts}>
        <Button
          type="primary"
          icon={<CheckOutlined aria-hidden />}
          loading={decide.isPending}
          onClick={() => decide.mutate({ path: { id }, body: { decision: "APPROVE" } })}
        >
          {t("rx.approve")}
        </Button>
        <Button icon={<RollbackOutlined aria-hidden />} onClick={() => setRefusing(true)}>
          {t("rx.reject")}
        </Button>
      </span>
      {refusing && (
        <ReasonDialog
          title={t("rx.rejectTitle", { name: data.task.medicine })}
          label={t("rx.why")}
          act={t("rx.reject")}
          least={2}
          most={300}
          busy={decide.isPending}
          error={decide.error}
          onClose={() => setRefusing(false)}
          onSend={({ words: note = "" }) =>
            decide.mutate({ path: { id }, body: { decision: "REJECT", note } })
          }
        />
      )}
    </div>
  );
}
