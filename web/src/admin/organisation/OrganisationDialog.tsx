import { PlusOutlined } from "@ant-design/icons";
import { App, Button, Form, Input, Select, Switch } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCatalogue, useCommand } from "../../api";
import type { Schemas } from "../../api/types";
import { useMe } from "../../auth/useSession";
import { DayPicker, dayAfter, useToday } from "../../dates";
import { Dialog, FormDialog, Refused } from "../../dialog";
import { Tone } from "../../theme";
import styles from "./Organisation.module.css";
import { Ends } from "./Ends";

type Organisation = Schemas["Organisation"];

const licenceKinds = ["MEDICAL_PRACTICE", "CLINIC_FILING", "CARE_FILING", "INTERNET_HOSPITAL"] as const;

/** One organisation: its licences, who practises inside of it, whom it admits. The system administrator changes them. */
export function OrganisationDialog({
  of,
  organisations,
  mayChange,
  onChanged,
  onClose,
}: {
  of: Organisation;
  organisations: Organisation[];
  mayChange: boolean;
  onChanged: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslation(["admin", "common"]);
  const { labels } = useCatalogue();
  const { message } = App.useApp();
  const [adding, setAdding] = useState<"licence" | "site">();
  const [ending, setEnding] = useState<Schemas["PracticeSite"]>();
  const [declaring, setDeclaring] = useState<Schemas["Declaration"]>();
  const mayDeclare = useMe().memberships.some((m) => m.role === "INST_ADMIN" && m.organisationId === of.id);
  const changed = () => {
    void message.success(t("organisation.saved"));
    setAdding(undefined);
    setEnding(undefined);
    setDeclaring(undefined);
    onChanged();
  };
  const younger = useCommand("post", "/api/v1/organisations/{id}/admits-younger", { onSuccess: changed });
  const care = of.kind === "CARE";
  return (
    <Dialog title={of.name} width="widest" onClose={onClose}>
      {of.kind !== "AUTHORITY" && (
        <Part
          title={t("system.licences")}
          add={mayChange && t("organisation.addLicence")}
          onAdd={() => setAdding("licence")}
          empty={t("system.noLicence")}
        >
          {of.licences.map((l) => (
            <li key={`${l.kind} ${l.number} ${l.validFrom}`}>
              <strong>
                {t(`system.licenceKinds.${l.kind}`)} {l.number}
              </strong>
              <span>{labels("departments", l.departmentCodes).join(t("organisation.separator"))}</span>
              <Ends from={l.validFrom} to={l.validTo} />
            </li>
          ))}
        </Part>
      )}
      {of.kind !== "AUTHORITY" && (
        <Part
          title={t(care ? "organisation.sites" : "organisation.practisesIn")}
          hint={t("organisation.sitesHint")}
          add={care && mayChange && t("organisation.addSite")}
          onAdd={() => setAdding("site")}
          empty={t("organisation.noSite")}
        >
          {of.practiceSites.map((site) => (
            <li key={`${site.careOrgId} ${site.medicalOrgId} ${site.validFrom}`}>
              <strong>{care ? site.medicalOrgName : site.careOrgName}</strong>
              <Ends from={site.validFrom} to={site.validTo} />
              {care && mayChange && !site.validTo && (
                <Button size="small" onClick={() => setEnding(site)}>
                  {t("organisation.endSite")}
                </Button>
              )}
            </li>
          ))}
        </Part>
      )}
      {of.declarations.length > 0 && (
        <Part
          title={t("organisation.duties")}
          hint={t("organisation.dutiesHint")}
          add={false}
          onAdd={() => undefined}
          empty=""
        >
          {of.declarations.map((d) => (
            <li key={d.code}>
              <strong>{d.label}</strong>
              {d.datedOn && d.validTo ? (
                <>
                  <span>{d.document}</span>
                  <Ends from={d.datedOn} to={d.validTo} />
                </>
              ) : (
                <Tone kind="caution">{t("organisation.neverDeclared")}</Tone>
              )}
              {mayDeclare && (
                <Button
                  size="small"
                  aria-label={t("organisation.declareTitle", { label: d.label })}
                  onClick={() => setDeclaring(d)}
                >
                  {t(d.document ? "organisation.declareAgain" : "organisation.declare")}
                </Button>
              )}
            </li>
          ))}
        </Part>
      )}
      {care && (
        <section className={styles.part}>
          <h3>{t("organisation.residents")}</h3>
          <div className={styles.line}>
            {mayChange ? (
              <Switch
                id="admits-younger"
                checked={of.admitsYounger}
                loading={younger.isPending}
                onChange={(admitsYounger) => younger.mutate({ path: { id: of.id }, body: { admitsYounger } })}
              />
            ) : (
              <Tone kind={of.admitsYounger ? "primary" : "muted"}>
                {t(of.admitsYounger ? "common:states.yes" : "common:states.no")}
              </Tone>
            )}
            <label htmlFor="admits-younger">{t("organisation.younger")}</label>
          </div>
          <p className={styles.quiet}>{t("organisation.youngerHint")}</p>
          <Refused error={younger.error} />
        </section>
      )}
      {adding === "licence" && <LicenceForm of={of} onClose={() => setAdding(undefined)} onSaved={changed} />}
      {adding === "site" && (
        <SiteForm
          of={of}
          organisations={organisations}
          onClose={() => setAdding(undefined)}
          onSaved={changed}
        />
      )}
      {declaring && (
        <Declare of={of} duty={declaring} onClose={() => setDeclaring(undefined)} onSaved={changed} />
      )}
      {ending && <EndSite of={of} site={ending} onClose={() => setEnding(undefined)} onSaved={changed} />}
    </Dialog>
  );
}

function Part({
  title,
  hint,
  add,
  onAdd,
  empty,
  children,
}: {
  title: string;
  hint?: string;
  add: ReactNode;
  onAdd: () => void;
  empty: string;
  children: ReactNode[];
}) {
  return (
    <section className={styles.part}>
      <div className={styles.line}>
        <h3>{title}</h3>
        {add && (
          <Button size="small" icon={<PlusOutlined aria-hidden />} onClick={onAdd}>
            {add}
          </Button>
        )}
      </div>
      {hint && <p className={styles.quiet}>{hint}</p>}
      {children.length === 0 ? (
        <p className={styles.quiet}>{empty}</p>
      ) : (
        <ul className={styles.list}>{children}</ul>
      )}
    </section>
  );
}

interface Sub {
  of: Organisation;
  onClose: () => void;
  onSaved: () => void;
}

function LicenceForm({ of, onClose, onSaved }: Sub) {
  const { t } = useTranslation(["admin", "common"]);
  const { options } = useCatalogue();
  const [form] = Form.useForm();
  const add = useCommand("post", "/api/v1/organisations/{id}/licences", { onSuccess: onSaved });
  const needed = { required: true, message: t("common:dialog.needed") };
  return (
    <FormDialog<Schemas["Licence"]>
      title={t("organisation.addLicence")}
      width="wide"
      act={t("common:actions.save")}
      form={form}
      initial={{ kind: of.kind === "CARE" ? "CARE_FILING" : "MEDICAL_PRACTICE", departmentCodes: [] }}
      busy={add.isPending}
      error={add.error}
      onClose={onClose}
      onSend={({ validTo, ...rest }) =>
        add.mutate({ path: { id: of.id }, body: { ...rest, ...(validTo ? { validTo } : {}) } })
      }
    >
      <Form.Item name="kind" label={t("people.licenceKind")} rules={[needed]}>
        <Select options={licenceKinds.map((k) => ({ value: k, label: t(`system.licenceKinds.${k}`) }))} />
      </Form.Item>
      <Form.Item name="number" label={t("system.licenceNumber")} rules={[needed]}>
        <Input maxLength={40} autoComplete="off" />
      </Form.Item>
      <Form.Item name="validFrom" label={t("system.validFrom")} rules={[needed]}>
        <DayPicker className={styles.full} />
      </Form.Item>
      <Form.Item name="validTo" label={t("system.validTo")}>
        <DayPicker className={styles.full} />
      </Form.Item>
      <Form.Item name="departmentCodes" label={t("system.departments")} className={styles.wide ?? ""}>
        <Select
          mode="multiple"
          showSearch={{ optionFilterProp: "search" }}
          options={options("departments")}
        />
      </Form.Item>
    </FormDialog>
  );
}

function SiteForm({ of, organisations, onClose, onSaved }: Sub & { organisations: Organisation[] }) {
  const { t } = useTranslation(["admin", "common"]);
  const [form] = Form.useForm();
  const today = useToday();
  const set = useCommand("post", "/api/v1/organisations/{id}/practice-sites", { onSuccess: onSaved });
  const needed = { required: true, message: t("common:dialog.needed") };
  return (
    <FormDialog<Schemas["PracticeSiteInput"]>
      title={t("organisation.addSite")}
      act={t("common:actions.save")}
      form={form}
      initial={{ validFrom: today }}
      busy={set.isPending}
      error={set.error}
      onClose={onClose}
      onSend={({ validTo, ...rest }) =>
        set.mutate({ path: { id: of.id }, body: { ...rest, ...(validTo ? { validTo } : {}) } })
      }
    >
      <Form.Item
        name="medicalOrgId"
        label={t("organisation.practitioner")}
        extra={t("organisation.practitionerHint")}
        rules={[needed]}
        className={styles.wide ?? ""}
      >
        <Select
          showSearch={{ optionFilterProp: "label" }}
          options={organisations
            .filter((o) => o.kind === "MEDICAL" && o.id !== of.id)
            .map((o) => ({ value: o.id, label: o.name }))}
        />
      </Form.Item>
      <Form.Item name="validFrom" label={t("system.validFrom")} rules={[needed]}>
        <DayPicker className={styles.full} />
      </Form.Item>
      <Form.Item name="validTo" label={t("system.validTo")}>
        <DayPicker className={styles.full} />
      </Form.Item>
    </FormDialog>
  );
}

/** One duty for a year: the document, its day, and until when it holds. */
function Declare({ of, duty, onClose, onSaved }: Sub & { duty: Schemas["Declaration"] }) {
  const { t } = useTranslation(["admin", "common"]);
  const [form] = Form.useForm();
  const today = useToday();
  const declare = useCommand("post", "/api/v1/organisations/{id}/declarations", { onSuccess: onSaved });
  const needed = { required: true, message: t("common:dialog.needed") };
  return (
    <FormDialog<Omit<Schemas["DeclarationInput"], "code">>
      title={t("organisation.declareTitle", { label: duty.label })}
      act={t("organisation.declare")}
      form={form}
      initial={{ datedOn: today, validTo: dayAfter(today, { months: 12, days: -1 }) }}
      busy={declare.isPending}
      error={declare.error}
      onClose={onClose}
      onSend={(v) => declare.mutate({ path: { id: of.id }, body: { ...v, code: duty.code } })}
    >
      <p className={`${styles.quiet} ${styles.wide}`}>{t("organisation.duty", { hint: duty.hint })}</p>
      <Form.Item
        name="document"
        label={t("organisation.document")}
        rules={[needed]}
        className={styles.wide ?? ""}
      >
        <Input maxLength={120} autoComplete="off" />
      </Form.Item>
      <Form.Item name="datedOn" label={t("organisation.datedOn")} rules={[needed]}>
        <DayPicker className={styles.full} max={today} />
      </Form.Item>
      <Form.Item name="validTo" label={t("system.validTo")} rules={[needed]}>
        <DayPicker className={styles.full} />
      </Form.Item>
    </FormDialog>
  );
}

function EndSite({ of, site, onClose, onSaved }: Sub & { site: Schemas["PracticeSite"] }) {
  const { t } = useTranslation(["admin", "common"]);
  const today = useToday();
  const [last, setLast] = useState<string | undefined>(today);
  const set = useCommand("post", "/api/v1/organisations/{id}/practice-sites", { onSuccess: onSaved });
  return (
    <Dialog
      title={t("organisation.endSiteOf", { name: site.medicalOrgName })}
      act={t("organisation.endSite")}
      danger
      busy={set.isPending}
      ready={last !== undefined}
      error={set.error}
      onClose={onClose}
      onAct={() =>
        last &&
        set.mutate({
          path: { id: of.id },
          body: { medicalOrgId: site.medicalOrgId, validFrom: site.validFrom, validTo: last },
        })
      }
    >
      <label htmlFor="site-last">{t("organisation.lastDay")}</label>
      <DayPicker id="site-last" value={last} min={site.validFrom} onChange={setLast} />
    </Dialog>
  );
}
