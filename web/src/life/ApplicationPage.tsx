import { ArrowLeftOutlined, EditOutlined, PrinterOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { type Consultation, type Schemas, useCatalogue, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import { useApplicationWords } from "./ApplicationRow";
import { ApplicationSheet } from "./ApplicationSheet";
import styles from "./Life.module.css";

/** 远程会诊申请单, to read and to print. */
function ApplicationPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation("life");
  const navigate = useNavigate();
  const c = useRead("/api/v1/consultations/{id}", { path: { id } });
  const form = useRead("/api/v1/consultations/{id}/application", { path: { id } });
  const [open, setOpen] = useState(false);
  return (
    <Page
      title={t("application.title")}
      actions={
        <span className={`${styles.acts} ${styles.noPrint}`}>
          <Button icon={<ArrowLeftOutlined aria-hidden />} onClick={() => void navigate(-1)}>
            {t("application.back")}
          </Button>
          {form.data?.editable && (
            <Button icon={<EditOutlined aria-hidden />} onClick={() => setOpen(true)}>
              {t("application.change")}
            </Button>
          )}
          <Button icon={<PrinterOutlined aria-hidden />} onClick={() => window.print()}>
            {t("application.print")}
          </Button>
        </span>
      }
    >
      <Loaded query={c}>{(one) => <Loaded query={form}>{(of) => <Form c={one} of={of} />}</Loaded>}</Loaded>
      {open && form.data && (
        <ApplicationSheet key={form.data.revision} id={id} of={form.data} onClose={() => setOpen(false)} />
      )}
    </Page>
  );
}
export { ApplicationPage as Component };

function Form({ c, of }: { c: Consultation; of: Schemas["Application"] }) {
  const { t } = useTranslation("life");
  const format = useFormat();
  const now = useServerNow(60_000);
  const { label, labels } = useCatalogue();
  const words = useApplicationWords();
  const { resident } = c;
  const moment = (at: string | undefined) => at && format.moment(at, now);
  const rows: [string, string | undefined][] = [
    [t("application.serial"), c.serial],
    [t("application.inviting"), [c.invitingOrg.name, c.invitingOrg.phone].filter(Boolean).join(" ")],
    [t("application.invited"), [c.invitedOrg?.name, c.department?.name].filter(Boolean).join(" ")],
    [
      t("application.wantedDoctor"),
      [c.department?.name, words.title(of)].filter(Boolean).join(t("opinion.comma")),
    ],
    [
      t("application.resident"),
      [resident.name, format.sex(resident.sex), format.age(resident.age), resident.ward, resident.bed]
        .filter(Boolean)
        .join(" "),
    ],
    [
      t("application.service"),
      [
        label("serviceTypes", c.serviceType),
        t(c.mode === "WRITTEN" ? "application.inWriting" : "application.byVideo"),
      ].join(t("opinion.comma")),
    ],
    [
      t("application.reason"),
      [labels("reasons", c.reasons).join(t("separator")), c.complaint]
        .filter(Boolean)
        .join(t("opinion.colon")),
    ],
    [t("application.purposes"), words.purposes(of)],
    [t("application.urgency"), label("urgencies", c.urgency)],
    [t("application.time"), words.time(of)],
    [t("application.summary"), of.summary],
    [
      t("application.attached"),
      t("application.attachments", { vitals: c.vitals.length, photos: c.photos.length }),
    ],
    [t("application.agreement"), of.agreementNumber],
    [t("application.consent"), c.consent && moment(c.consent.signedAt)],
    [
      t("application.submitter"),
      c.submitter && [c.submitter.name, c.submitter.title].filter(Boolean).join(" "),
    ],
    [
      t("application.writer"),
      [of.writtenBy ?? c.nurse?.name, moment(c.submittedAt ?? of.writtenAt)].filter(Boolean).join(" "),
    ],
    [
      t("application.answered"),
      c.doctor &&
        [
          c.doctor.name,
          of.doctorTitle,
          moment(c.acceptedAt),
          of.titleServes === false && t("application.lowerTitle"),
        ]
          .filter(Boolean)
          .join(" "),
    ],
  ];
  return (
    <article className={styles.form} aria-label={t("application.title")}>
      <dl>
        {rows
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
      {!c.submittedAt && <p className={styles.quiet}>{t("application.notSent")}</p>}
    </article>
  );
}
