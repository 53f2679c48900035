import { Form, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useRead } from "../api";
import { hasRole, useMe } from "../auth/useSession";

/** Whom it is about, for those who may see the list of residents. */
export function ResidentField({ required }: { required?: boolean }) {
  const { t } = useTranslation("around");
  const may = hasRole(useMe(), "NURSE", "ATTENDING", "INST_ADMIN");
  const residents = useRead("/api/v1/residents", {}, { enabled: may }).data ?? [];
  if (!may) return null;
  return (
    <Form.Item
      name="residentId"
      label={t("quality.resident")}
      rules={required ? [{ required: true, message: t("form.needed") }] : []}
    >
      <Select
        allowClear
        showSearch={{ optionFilterProp: "label" }}
        options={residents.map((r) => ({ value: r.id, label: `${r.bed} ${r.name}` }))}
      />
    </Form.Item>
  );
}
