import { SoundOutlined } from "@ant-design/icons";
import { Button, Select } from "antd";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { useServices } from "../app/services";
import styles from "./Panels.module.css";
import type { Device } from "./media/LocalMedia";
import { useCall } from "./useCall";

/** Which camera, microphone and speaker. The choice is remembered on this device. */
export function DeviceMenu() {
  const { t } = useTranslation("call");
  const { own, choose } = useCall();
  const { sounds } = useServices();
  const canChooseSpeaker = "setSinkId" in HTMLMediaElement.prototype;
  return (
    <div className={styles.stack}>
      <DeviceSelect
        label={t("devices.camera")}
        devices={own.cameras}
        value={own.camera.deviceId}
        onChange={(id) => void choose("camera", id)}
      />
      <DeviceSelect
        label={t("devices.microphone")}
        devices={own.microphones}
        value={own.microphone.deviceId}
        onChange={(id) => void choose("microphone", id)}
      />
      {canChooseSpeaker && own.speakers.length > 0 && (
        <DeviceSelect
          label={t("devices.speaker")}
          devices={[
            { id: "", label: t("devices.system") },
            ...own.speakers.filter((s) => s.id !== "default"),
          ]}
          value={own.speakerId}
          onChange={(id) => void choose("speaker", id)}
        />
      )}
      <Button icon={<SoundOutlined />} onClick={() => void sounds.chime(own.speakerId)}>
        {t("devices.test")}
      </Button>
    </div>
  );
}

interface DeviceSelectProps {
  label: string;
  devices: readonly Device[];
  value: string | undefined;
  onChange: (id: string) => void;
}

function DeviceSelect({ label, devices, value, onChange }: DeviceSelectProps) {
  const { t } = useTranslation("call");
  const id = useId();
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {devices.length === 0 ? (
        <span className={styles.quiet}>{t("devices.none")}</span>
      ) : (
        <Select
          id={id}
          className={styles.wide}
          value={value ?? devices[0]?.id ?? ""}
          onChange={onChange}
          options={devices.map((d, index) => ({
            value: d.id,
            label: d.label || t("devices.unnamed", { n: index + 1 }),
          }))}
        />
      )}
    </div>
  );
}
