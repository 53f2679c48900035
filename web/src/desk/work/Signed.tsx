import { CheckCircleOutlined, EditOutlined, RightOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { StateTag } from "../../admin/StateTag";
import { type Consultation, useRead } from "../../api";
import { useFormat } from "../../i18n/useFormat";
import { CountNote } from "../../rules/CountNote";
import { useMends } from "../../rules/useMends";
import { AmendReport } from "../../life/AmendReport";
import { PrintButton } from "../../life/PrintButton";
import { SealPanels } from "../../life/SealPanel";
import { Panel } from "../parts/Panel";
import { SignedReport } from "../report/SignedReport";
import { isGuidance } from "../report/WrapUp";
import styles from "./Work.module.css";
import { Notice } from "../../theme";

/** After the signature: the frozen version, what happens to it next, and the next patient. */
export function Signed({ c }: { c: Consultation }) {
  const { t } = useTranslation(["desk", "life"]);
  const format = useFormat();
  const navigate = useNavigate();
  const [amending, setAmending] = useState(false);
  const waiting = useRead("/api/v1/queue").data?.waiting.length ?? 0;
  const report = c.reports.at(-1);
  const mends = useMends(c, "work");
  const { resident } = c;
  const next = isGuidance(c.serviceType)
    ? t("report.notNeeded")
    : c.adoption
      ? t("report.adopted", { name: c.adoption.attending.name })
      : t("report.awaiting");
  return (
    <div className={styles.signed}>
      <header className={styles.head}>
        <h1>{t("bedAndName", { bed: resident.bed, name: resident.name })}</h1>
        <span>
          {format.sex(resident.sex)} {format.age(resident.age)}
        </span>
        <span className={styles.quiet}>{c.invitingOrg.name}</span>
        <StateTag state={c.state} />
        <span className={styles.acts}>
          <Link to={`/consultations/${c.id}`}>{t("report.record")}</Link>
          <PrintButton c={c} />
          {c.actions.includes("amendReport") && !amending && (
            <Button icon={<EditOutlined aria-hidden />} onClick={() => setAmending(true)}>
              {t("life:amend.button")}
            </Button>
          )}
          <Button
            type="primary"
            size="large"
            icon={<RightOutlined aria-hidden />}
            iconPlacement="end"
            onClick={() => void navigate("/queue")}
          >
            {waiting > 0 ? t("report.nextWaiting", { n: waiting }) : t("report.next")}
          </Button>
        </span>
      </header>
      <div role="status">
        <Notice kind="good" more={next}>
          {t("report.signed")}
        </Notice>
      </div>
      <CountNote c={c} mends={mends} />
      <SealPanels c={c} />
      {amending && (
        <Panel title={t("life:amend.button")}>
          <AmendReport c={c} onClose={() => setAmending(false)} />
        </Panel>
      )}
      {report && (
        <Panel title={t("report.title")} aside={<CheckCircleOutlined aria-hidden />}>
          <SignedReport report={report} before={c.reports.at(-2)} />
        </Panel>
      )}
    </div>
  );
}
