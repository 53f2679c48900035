import { PrinterOutlined } from "@ant-design/icons";
import { App, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate, useParams } from "react-router";
import { useCatalogue, useCommand, useErrorText, useRead } from "../api";
import { Loaded } from "../app/Loaded";
import { Page } from "../app/Page";
import { hasRole, useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { ReasonDialog } from "../dialog";
import { useDay, usePeriod } from "../i18n/useDay";
import { useFormat } from "../i18n/useFormat";
import { Tone } from "../theme";
import { ContractDialog } from "./ContractDialog";
import { ContractSheet } from "./ContractSheet";
import styles from "./Panel.module.css";
import { type Contract, ContractState, Groups } from "./parts";
import { SignDialog } from "./SignDialog";
import { useContractFile } from "./useContractFile";
import { usePanelRefresh } from "./usePanelRefresh";

/** One contract: what it says, how it was signed, what can be done, what happened. Printed, it is the sheet alone. */
function ContractPage() {
  const { id = "" } = useParams();
  const { t } = useTranslation("panel");
  const contract = useRead("/api/v1/fd-contracts/{id}", { path: { id } });
  return (
    <Page title={t("contract.title")}>
      <Loaded query={contract}>{(data) => <Shown of={data} />}</Loaded>
    </Page>
  );
}
export { ContractPage as Component };

type Asking = "EDIT" | "SIGN" | "VOID" | "TERMINATE";

function Shown({ of }: { of: Contract }) {
  const { t } = useTranslation("panel");
  const { chosen, choices } = useCatalogue();
  const { message } = App.useApp();
  const errorText = useErrorText();
  const navigate = useNavigate();
  const refresh = usePanelRefresh();
  const me = useMe();
  const [asking, setAsking] = useState<Asking>();
  const close = () => setAsking(undefined);
  // Administrators do not read the sheet: it names the resident.
  const reads = hasRole(me, "FAMILY_DOCTOR", "NURSE", "ATTENDING") && of.capacity !== undefined;
  const end = useCommand("post", "/api/v1/fd-contracts/{id}/end", {
    onSuccess: () => {
      refresh();
      close();
    },
  });
  const renew = useCommand("post", "/api/v1/fd-contracts/{id}/renew", {
    onSuccess: (made) => {
      refresh();
      void message.success(t("contract.renewed2"));
      void navigate(`/contracts/${made.id}`);
    },
    onError: (error) => void message.error(errorText(error)),
  });
  const may = (act: string) => of.actions.includes(act);
  return (
    <>
      <div className={`${styles.cardHead} ${styles.screenOnly}`}>
        <span className={styles.line}>
          <ContractState state={of.state} />
          <strong>{of.number}</strong>
          {of.daysLeft !== undefined && (
            <span className={styles.quiet}>{t("contract.left", { n: of.daysLeft })}</span>
          )}
        </span>
        <span className={styles.acts}>
          {reads && (
            <Button icon={<PrinterOutlined aria-hidden />} onClick={() => window.print()}>
              {t("contract.print")}
            </Button>
          )}
          {may("VOID") && <Button onClick={() => setAsking("VOID")}>{t("contract.void")}</Button>}
          {may("TERMINATE") && (
            <Button danger onClick={() => setAsking("TERMINATE")}>
              {t("contract.terminate")}
            </Button>
          )}
          {may("EDIT") && <Button onClick={() => setAsking("EDIT")}>{t("contract.edit")}</Button>}
          {may("RENEW") && (
            <Button
              type="primary"
              loading={renew.isPending}
              onClick={() => renew.mutate({ path: { id: of.id }, body: {} })}
            >
              {t("contract.renew")}
            </Button>
          )}
          {may("SIGN") && (
            <Button type="primary" onClick={() => setAsking("SIGN")}>
              {t("contract.sign")}
            </Button>
          )}
        </span>
      </div>
      <div className={`${styles.columns} ${styles.screenOnly}`}>
        <div className={styles.stack}>
          <Facts of={of} reads={reads} />
        </div>
        <div className={styles.stack}>
          <Services of={of} />
          <History of={of} />
        </div>
      </div>
      {reads && (
        <>
          <details className={`${styles.card} ${styles.fold} ${styles.screenOnly}`}>
            <summary>{t("contract.text")}</summary>
            <ContractSheet of={of} />
          </details>
          <div className={styles.printOnly}>
            <ContractSheet of={of} />
          </div>
        </>
      )}
      {asking === "EDIT" && <ContractDialog teams={[]} of={of} onClose={close} onDone={close} />}
      {asking === "SIGN" && <SignDialog of={of} onClose={close} />}
      {asking === "VOID" && (
        <ReasonDialog
          title={t("contract.voidTitle")}
          act={t("contract.void")}
          danger
          most={300}
          busy={end.isPending}
          error={end.error}
          onClose={close}
          onSend={({ words }) =>
            end.mutate({
              path: { id: of.id },
              body: { revision: of.revision, ...(words ? { note: words } : {}) },
            })
          }
        />
      )}
      {asking === "TERMINATE" && (
        <ReasonDialog
          title={t("contract.terminateTitle", { number: of.number })}
          body={t("contract.terminateHint")}
          act={t("contract.terminate")}
          danger
          reasons={choices("fd_termination")}
          reasonsLabel={t("contract.terminateWhy")}
          most={300}
          busy={end.isPending}
          error={end.error}
          onClose={close}
          onSend={({ reason, words }) =>
            end.mutate({
              path: { id: of.id },
              body: { revision: of.revision, code: reason, ...(words ? { note: words } : {}) },
            })
          }
        />
      )}
      {of.terminatedOn && (
        <p className={`${styles.quiet} ${styles.screenOnly}`}>
          {t("contract.terminatedOn", {
            day: of.terminatedOn,
            why: [chosen("fd_termination", of.terminatedCode), of.terminatedNote].filter(Boolean).join(" · "),
          })}{" "}
          {of.terminatedBy && t("contract.by", { name: of.terminatedBy })}
        </p>
      )}
    </>
  );
}

function Facts({ of, reads }: { of: Contract; reads: boolean }) {
  const { t } = useTranslation("panel");
  const { chosen, label } = useCatalogue();
  const format = useFormat();
  const day = useDay();
  const period = usePeriod();
  const file = useContractFile(of, reads);
  const me = useMe();
  const doctor = of.actions.length > 0 || hasRole(me, "FAMILY_DOCTOR");
  return (
    <section className={styles.card} aria-label={t("contract.title")}>
      <dl className={styles.facts}>
        <dt>{t("contract.resident")}</dt>
        <dd>
          <span className={styles.line}>
            {doctor ? (
              <Link to={`/panel/residents/${of.residentId}`}>{of.residentName}</Link>
            ) : (
              of.residentName
            )}
            <span>
              {format.sex(of.sex)} {format.age(of.age)}
            </span>
            <span className={styles.quiet}>
              {of.home} {reads && of.bed}
            </span>
          </span>
          <Groups codes={of.groups} />
        </dd>
        <dt>{t("contract.team")}</dt>
        <dd>
          {of.organisation} {of.team} · {t("contract.leader")} {of.leader}
        </dd>
        <dt>{t("contract.term")}</dt>
        <dd>{t("contract.from", period(of.startsOn, of.endsOn))}</dd>
        {of.signedHow && (
          <>
            <dt>{t("contract.signed")}</dt>
            <dd>
              {t("contract.signedBy", {
                how: chosen("fd_signed_how", of.signedHow),
                day: day(of.signedOn ?? of.startsOn),
                name: of.signedBy ?? "",
              })}
              {of.systemNumber && (
                <p className={styles.quiet}>{t("contract.system", { number: of.systemNumber })}</p>
              )}
            </dd>
            <dt>{t("contract.signer")}</dt>
            <dd>
              {[
                of.signerName,
                of.signerKind === "SELF"
                  ? t("contract.self")
                  : [t("contract.guardian"), label("relations", of.relation)].join(" "),
              ]
                .filter(Boolean)
                .join(" · ")}
            </dd>
          </>
        )}
        {file.url && of.fileType?.startsWith("image/") && (
          <>
            <dt>{t("contract.file")}</dt>
            <dd>
              <img className={styles.ink} src={file.url} alt={t("contract.file")} />
            </dd>
          </>
        )}
        {file.url && !of.fileType?.startsWith("image/") && (
          <>
            <dt>{t("contract.file")}</dt>
            <dd>
              <a href={file.url} download={`${of.number}.pdf`}>
                {of.number}.pdf
              </a>
            </dd>
          </>
        )}
        {of.renewsId && (
          <>
            <dt>{t("contract.renew")}</dt>
            <dd>
              <Link to={`/contracts/${of.renewsId}`}>{t("contract.renews")}</Link>
            </dd>
          </>
        )}
        {of.renewedById && (
          <>
            <dt>{t("contract.renew")}</dt>
            <dd>
              <Link to={`/contracts/${of.renewedById}`}>{t("contract.renewed")}</Link>
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Services({ of }: { of: Contract }) {
  const { t } = useTranslation("panel");
  const { chosen } = useCatalogue();
  return (
    <section className={styles.card} aria-label={t("contract.items")}>
      <h2>{t("contract.items")}</h2>
      <span className={styles.tags}>
        {of.packages.map((p) => (
          <Tone key={p} kind="primary">
            {chosen("fd_package", p)}
          </Tone>
        ))}
      </span>
      <p>{of.items.map((item) => chosen("fd_package_item", item)).join(t("comma"))}</p>
    </section>
  );
}

type EventKind =
  | "drawn_up"
  | "renewal_drawn_up"
  | "changed"
  | "scan_added"
  | "signed"
  | "terminated"
  | "voided"
  | "ending";

function History({ of }: { of: Contract }) {
  const { t } = useTranslation("panel");
  const format = useFormat();
  const now = useServerNow(60_000);
  return (
    <section className={styles.card} aria-label={t("contract.history")}>
      <h2>{t("contract.history")}</h2>
      <ul className={styles.list}>
        {(of.events ?? []).map((e) => (
          <li key={`${e.type} ${e.at}`}>
            <span className={styles.line}>
              {t(`contract.event.${e.type as EventKind}`, { n: Number(e.data?.["days"] ?? 0) })}
              <span className={styles.quiet}>
                {[e.by || t("contract.event.system"), format.moment(e.at, now)].join(" · ")}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
