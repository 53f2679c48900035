import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Checkbox, Form, Input, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import {
  ApiError,
  fieldErrors,
  hasCode,
  type Resident,
  useCatalogue,
  useCommand,
  useErrorText,
  useRead,
} from "../../api";
import { useServices } from "../../app/services";
import { Loaded } from "../../app/Loaded";
import { Page } from "../../app/Page";
import { ActionBar, Panel } from "../parts/Panel";
import { inputOf, type ResidentValues, valuesOf } from "./form";
import { readIdentityNumber } from "./identity";
import styles from "./Resident.module.css";
import { ConditionSelect } from "./ConditionSelect";
import { ethnicCodes } from "./ResidentPage";
import { Notice } from "../../theme";
import { DayPicker, dayAfter, useToday } from "../../dates";

const idTypes = ["01", "02", "03", "04", "05", "06", "07", "99"] as const;
const sexes = ["1", "2", "9"] as const;
const capacities = ["FULL", "LIMITED", "NONE"] as const;

/** Enters a resident, or changes what is known. All of the server's objections stand under their fields at once. */
function ResidentFormPage() {
  const { id } = useParams();
  const { t } = useTranslation("bedside");
  const resident = useRead(
    "/api/v1/residents/{id}",
    { path: { id: id ?? "" } },
    { enabled: id !== undefined },
  );
  return (
    <Page title={id ? t("form.editTitle") : t("form.newTitle")}>
      {id ? (
        <Loaded query={resident}>{(data) => <ResidentForm key={data.revision} resident={data} />}</Loaded>
      ) : (
        <ResidentForm />
      )}
    </Page>
  );
}
export { ResidentFormPage as Component };

function ResidentForm({ resident }: { resident?: Resident }) {
  const { t } = useTranslation(["bedside", "common"]);
  const navigate = useNavigate();
  const { query } = useServices();
  const errorText = useErrorText();
  const { label, options } = useCatalogue();
  const [form] = Form.useForm<ResidentValues>();
  const [refusal, setRefusal] = useState<Error | null>(null);
  const idType = Form.useWatch("idType", form);
  const today = useToday();

  const done = (saved: Resident) => {
    void query.invalidateQueries({ queryKey: ["/api/v1/residents"] });
    void query.invalidateQueries({ queryKey: ["/api/v1/residents/{id}"] });
    void navigate(`/ward/residents/${saved.card.id}`, { replace: true });
  };
  const refuse = (error: Error) => {
    setRefusal(error);
    const fields = fieldErrors(error);
    form.setFields(fields as Parameters<typeof form.setFields>[0]);
    const first = fields[0];
    if (first) form.scrollToField(first.name as never, { block: "center", focus: true });
  };
  const create = useCommand("post", "/api/v1/residents", { onSuccess: done, onError: refuse });
  const update = useCommand("put", "/api/v1/residents/{id}", { onSuccess: done, onError: refuse });
  const busy = create.isPending || update.isPending;

  const send = (values: ResidentValues) => {
    setRefusal(null);
    const input = inputOf(values);
    if (resident) {
      update.mutate({ path: { id: resident.card.id }, body: { ...input, revision: resident.revision } });
    } else {
      create.mutate({ body: input });
    }
  };
  /** A card number carries birth date and sex: they are filled in, not asked twice. */
  const readCard = (typed: string) => {
    const known = form.getFieldValue("idType") === "01" ? readIdentityNumber(typed.toUpperCase()) : undefined;
    if (known) form.setFieldsValue({ birthDate: known.birthDate, sex: known.sex });
  };

  return (
    <Form
      form={form}
      layout="vertical"
      className={styles.form}
      initialValues={valuesOf(resident, today)}
      onFinish={send}
      onFinishFailed={({ errorFields }) => {
        const first = errorFields[0];
        if (first) form.scrollToField(first.name, { block: "center", focus: true });
      }}
      scrollToFirstError={false}
      requiredMark="optional"
      validateTrigger="onSubmit"
    >
      {refusal && (
        <div role="alert">
          <Notice
            kind="danger"
            action={
              hasCode(refusal, "revision_stale") && (
                <Button
                  onClick={() => void query.invalidateQueries({ queryKey: ["/api/v1/residents/{id}"] })}
                >
                  {t("form.showNewest")}
                </Button>
              )
            }
          >
            {errorText(refusal)}
            {refusal instanceof ApiError && (refusal.problem.fields?.length ?? 0) > 1 && (
              <span className={styles.quiet}>
                {" "}
                {t("form.places", { n: refusal.problem.fields?.length ?? 0 })}
              </span>
            )}
          </Notice>
        </div>
      )}
      <Panel title={t("form.who")}>
        <div className={styles.fields}>
          <Form.Item
            name="name"
            label={t("form.name")}
            rules={[{ required: true, whitespace: true, message: t("form.needed") }]}
          >
            <Input maxLength={50} autoComplete="off" />
          </Form.Item>
          <Form.Item
            name="idType"
            label={t("form.idType")}
            rules={[{ required: true, message: t("form.needed") }]}
          >
            <Select options={idTypes.map((value) => ({ value, label: t(`idType.${value}`) }))} />
          </Form.Item>
          <Form.Item
            name="identityNumber"
            label={t("form.identityNumber")}
            required={!resident && idType !== "99"}
            extra={
              resident?.identityMasked
                ? t("form.identityKept", { masked: resident.identityMasked })
                : t("form.identityHint")
            }
          >
            <Input
              maxLength={30}
              autoComplete="off"
              onChange={(event) => readCard(event.target.value.trim())}
            />
          </Form.Item>
          <Form.Item
            name="birthDate"
            label={t("form.birthDate")}
            rules={[{ required: true, message: t("form.needed") }]}
          >
            <DayPicker placeholder="1940-05-12" max={today} opensAt={dayAfter(today, { months: -80 * 12 })} />
          </Form.Item>
          <Form.Item name="sex" label={t("form.sex")} rules={[{ required: true, message: t("form.needed") }]}>
            <Select options={sexes.map((value) => ({ value, label: t(`common:sex.${value}`) }))} />
          </Form.Item>
          <Form.Item name="phone" label={t("form.phone")}>
            <Input inputMode="tel" maxLength={30} autoComplete="off" />
          </Form.Item>
          <Form.Item name="ethnicCode" label={t("form.ethnicCode")}>
            <Select
              allowClear
              options={ethnicCodes.map((value) => ({ value, label: t(`ethnic.${value}`) }))}
            />
          </Form.Item>
          <Form.Item name="preferredLanguage" label={t("form.preferredLanguage")}>
            <Select options={options("languages")} />
          </Form.Item>
        </div>
      </Panel>
      <Panel title={t("form.where")}>
        <div className={styles.fields}>
          <Form.Item name="ward" label={t("form.ward")}>
            <Input maxLength={30} />
          </Form.Item>
          <Form.Item
            name="bed"
            label={t("form.bed")}
            rules={[{ required: true, whitespace: true, message: t("form.needed") }]}
          >
            <Input maxLength={20} />
          </Form.Item>
          <Form.Item
            name="admittedOn"
            label={t("form.admittedOn")}
            rules={[{ required: true, message: t("form.needed") }]}
          >
            <DayPicker max={today} />
          </Form.Item>
          {resident && (
            <Form.Item name="leftOn" label={t("form.leftOn")} extra={t("form.leftHint")}>
              <DayPicker max={today} />
            </Form.Item>
          )}
        </div>
      </Panel>
      <Panel title={t("form.health")}>
        <div className={styles.fields}>
          <Form.Item
            name="capacity"
            label={t("form.capacity")}
            extra={t("form.capacityHint")}
            rules={[{ required: true, message: t("form.needed") }]}
          >
            <Select options={capacities.map((value) => ({ value, label: t(`capacity.${value}`) }))} />
          </Form.Item>
          <Form.Item name="abilityLevel" label={t("form.abilityLevel")}>
            <Select allowClear options={options("abilityLevels")} />
          </Form.Item>
          <Form.Item name="risks" label={t("form.risks")}>
            <Select mode="multiple" options={options("risks")} optionFilterProp="label" />
          </Form.Item>
          <Form.Item name="conditionCodes" label={t("form.conditions")}>
            <ConditionSelect />
          </Form.Item>
          <Form.Item name="allergies" label={t("form.allergies")} className={styles.wide}>
            <Input.TextArea maxLength={500} autoSize={{ minRows: 1, maxRows: 4 }} />
          </Form.Item>
          <Form.Item name="hearingImpaired" valuePropName="checked">
            <Checkbox>{t("form.hearing")}</Checkbox>
          </Form.Item>
          <Form.Item name="sightImpaired" valuePropName="checked">
            <Checkbox>{t("form.sight")}</Checkbox>
          </Form.Item>
        </div>
      </Panel>
      <Panel title={t("form.guardians")}>
        <Form.List name="guardians">
          {(fields, { add, remove }) => (
            <>
              {fields.map((field) => (
                <div key={field.key} className={styles.guardian}>
                  <Form.Item
                    name={[field.name, "name"]}
                    label={t("form.guardianName")}
                    rules={[{ required: true, whitespace: true, message: t("form.needed") }]}
                  >
                    <Input maxLength={50} autoComplete="off" />
                  </Form.Item>
                  <Form.Item
                    name={[field.name, "relation"]}
                    label={t("form.relation")}
                    rules={[{ required: true, message: t("form.needed") }]}
                  >
                    <Select options={options("relations")} aria-label={label("relations", "")} />
                  </Form.Item>
                  <Form.Item name={[field.name, "phone"]} label={t("form.phone")}>
                    <Input inputMode="tel" maxLength={30} autoComplete="off" />
                  </Form.Item>
                  <Form.Item name={[field.name, "isGuardian"]} valuePropName="checked" label=" " required>
                    <Checkbox>{t("form.isGuardian")}</Checkbox>
                  </Form.Item>
                  <Button
                    className={styles.removal}
                    icon={<DeleteOutlined aria-hidden />}
                    aria-label={t("form.removeGuardian", { n: field.name + 1 })}
                    onClick={() => remove(field.name)}
                  />
                </div>
              ))}
              {fields.length < 5 && (
                <Button
                  icon={<PlusOutlined aria-hidden />}
                  onClick={() => add({ isGuardian: fields.length === 0 })}
                >
                  {t("form.addGuardian")}
                </Button>
              )}
            </>
          )}
        </Form.List>
      </Panel>
      <ActionBar>
        <Button
          size="large"
          onClick={() => void navigate(resident ? `/ward/residents/${resident.card.id}` : "/ward")}
        >
          {t("common:actions.cancel")}
        </Button>
        <Button size="large" type="primary" htmlType="submit" loading={busy} className={styles.call}>
          {t("common:actions.save")}
        </Button>
      </ActionBar>
    </Form>
  );
}
