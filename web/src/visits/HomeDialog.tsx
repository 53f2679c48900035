import { EnvironmentOutlined } from "@ant-design/icons";
import { Button, Checkbox, Form, Input, InputNumber } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useCommand, useRead } from "../api";
import { FormDialog } from "../dialog";
import { Notice } from "../theme";
import type { Visit } from "./parts";
import { locate, useVisitsRefresh } from "./useVisits";

/** Where the resident is visited: read when it is asked for, written with its revision. */
export function HomeDialogButton({ of }: { of: Visit }) {
  const { t } = useTranslation("visits");
  const [open, setOpen] = useState(false);
  return (
    <span>
      <Button icon={<EnvironmentOutlined aria-hidden />} onClick={() => setOpen(true)}>
        {t("home.edit")}
      </Button>
      {open && <HomeDialog residentId={of.residentId} onClose={() => setOpen(false)} />}
    </span>
  );
}

function HomeDialog({ residentId, onClose }: { residentId: string; onClose: () => void }) {
  const home = useRead("/api/v1/residents/{id}/home", { path: { id: residentId } });
  if (!home.data) return null;
  return <HomeForm key={home.data.revision} residentId={residentId} home={home.data} onClose={onClose} />;
}

function HomeForm({
  residentId,
  home,
  onClose,
}: {
  residentId: string;
  home: Schemas["ResidentHome"];
  onClose: () => void;
}) {
  const { t } = useTranslation("visits");
  const [form] = Form.useForm();
  const [lost, setLost] = useState(false);
  const refresh = useVisitsRefresh();
  const save = useCommand("put", "/api/v1/residents/{id}/home", {
    onSuccess: () => {
      refresh();
      onClose();
    },
  });
  return (
    <FormDialog
      title={t("home.edit")}
      onClose={onClose}
      act={t("home.save")}
      form={form}
      busy={save.isPending}
      error={save.error}
      initial={{ ...home, lon: home.place?.lon, lat: home.place?.lat }}
      onSend={(v: { address: string; note?: string; alone?: boolean; lon?: number; lat?: number }) =>
        save.mutate({
          path: { id: residentId },
          body: {
            revision: home.revision,
            address: v.address,
            alone: v.alone ?? false,
            ...(v.note ? { note: v.note } : {}),
            ...(v.lon !== undefined && v.lon !== null && v.lat !== undefined && v.lat !== null
              ? { place: { lon: v.lon, lat: v.lat } }
              : {}),
          },
        })
      }
    >
      <Form.Item name="address" label={t("address")} rules={[{ required: true }]}>
        <Input maxLength={200} />
      </Form.Item>
      <Form.Item name="note" label={t("home.note")}>
        <Input.TextArea maxLength={500} autoSize={{ minRows: 2 }} />
      </Form.Item>
      <Form.Item name="alone" valuePropName="checked">
        <Checkbox>{t("alone")}</Checkbox>
      </Form.Item>
      <Form.Item name="lon" label={t("home.lon")}>
        <InputNumber min={-180} max={180} step={0.0001} />
      </Form.Item>
      <Form.Item name="lat" label={t("home.lat")}>
        <InputNumber min={-90} max={90} step={0.0001} />
      </Form.Item>
      <Button
        onClick={() =>
          void locate().then((here) => {
            setLost(!here);
            if (here) form.setFieldsValue({ lon: here.lon, lat: here.lat });
          })
        }
      >
        {t("home.here")}
      </Button>
      {lost && <Notice kind="caution">{t("home.noHere")}</Notice>}
    </FormDialog>
  );
}
