import {
  AudioMutedOutlined,
  AudioOutlined,
  CameraOutlined,
  CompressOutlined,
  DesktopOutlined,
  EllipsisOutlined,
  ExpandOutlined,
  LogoutOutlined,
  MessageOutlined,
  SettingOutlined,
  SwapOutlined,
  VideoCameraOutlined,
  VideoCameraAddOutlined,
} from "@ant-design/icons";
import { Badge, Dropdown, type MenuProps } from "antd";
import { type ComponentProps, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./CallStage.module.css";
import { DeviceMenu } from "./DeviceMenu";
import { PhotoCapture } from "./PhotoCapture";
import type { Call } from "./useCall";
import { Dialog } from "../dialog";

export interface ControlsProps {
  call: Call;
  size: "bedside" | "desk";
  onLeave: () => void;
  onPhoto?: ((photo: Blob) => void) | undefined;
  onChat?: (() => void) | undefined;
  unread?: number | undefined;
  /** more things to do: in the menu at the bedside, beside the bar at the desk */
  actions?: ReactNode;
  onFull: () => void;
  full: boolean;
}

/** The buttons of a call: few, round and large at the bedside; a bar at the desk. */
export function CallControls(props: ControlsProps) {
  const { call, size, onLeave, onPhoto, onChat, unread = 0, actions, onFull, full } = props;
  const { t } = useTranslation(["call", "common"]);
  const [devices, setDevices] = useState(false);
  const [photo, setPhoto] = useState(false);
  const bedside = size === "bedside";
  const speaking = call.own.microphone.state === "on";
  const seen = call.own.camera.state === "on";
  const canShare = typeof navigator.mediaDevices?.getDisplayMedia === "function";
  const chatLabel = unread > 0 ? t("controls.chatUnread", { n: unread }) : t("controls.chat");

  const camera = (
    <RoundButton
      icon={seen ? <VideoCameraOutlined /> : <VideoCameraAddOutlined />}
      label={seen ? t("controls.cameraOff") : t("controls.cameraOn")}
      pressed={!seen}
      onClick={() => void call.setCamera(!seen)}
    />
  );
  const more: MenuProps["items"] = [
    {
      key: "camera",
      icon: <VideoCameraOutlined />,
      label: seen ? t("controls.cameraOff") : t("controls.cameraOn"),
      onClick: () => void call.setCamera(!seen),
    },
    {
      key: "devices",
      icon: <SettingOutlined />,
      label: t("controls.devices"),
      onClick: () => setDevices(true),
    },
    ...(onChat ? [{ key: "chat", icon: <MessageOutlined />, label: chatLabel, onClick: onChat }] : []),
    {
      key: "full",
      icon: <ExpandOutlined />,
      label: full ? t("controls.leaveFull") : t("controls.full"),
      onClick: onFull,
    },
  ];

  return (
    <div className={styles.controls} data-size={size} role="toolbar" aria-label={t("controls.label")}>
      <RoundButton
        icon={speaking ? <AudioOutlined /> : <AudioMutedOutlined />}
        label={speaking ? t("controls.mute") : t("controls.unmute")}
        pressed={!speaking}
        onClick={() => void call.setMicrophone(!speaking)}
      />
      {bedside ? (
        <RoundButton icon={<SwapOutlined />} label={t("controls.flip")} onClick={() => void call.flip()} />
      ) : (
        camera
      )}
      {onPhoto && (
        <RoundButton icon={<CameraOutlined />} label={t("controls.photo")} onClick={() => setPhoto(true)} />
      )}
      {!bedside && (
        <>
          {canShare && (
            <RoundButton
              minor
              icon={<DesktopOutlined />}
              label={call.own.screen ? t("controls.stopShare") : t("controls.share")}
              pressed={call.own.screen !== undefined}
              onClick={() => (call.own.screen ? call.stopScreen() : void call.shareScreen())}
            />
          )}
          {onChat && (
            <Badge count={unread} size="small">
              <RoundButton minor icon={<MessageOutlined />} label={chatLabel} onClick={onChat} />
            </Badge>
          )}
          <RoundButton
            minor
            icon={<SettingOutlined />}
            label={t("controls.devices")}
            onClick={() => setDevices(true)}
          />
          <RoundButton
            minor
            icon={full ? <CompressOutlined /> : <ExpandOutlined />}
            label={full ? t("controls.leaveFull") : t("controls.full")}
            onClick={onFull}
          />
        </>
      )}
      {bedside && (
        <Dropdown menu={{ items: more }} trigger={["click"]} placement="top">
          <RoundButton
            icon={
              <Badge dot={unread > 0}>
                <EllipsisOutlined />
              </Badge>
            }
            label={t("common:actions.more")}
          />
        </Dropdown>
      )}
      <span className={styles.apart} />
      {actions}
      <RoundButton icon={<LogoutOutlined />} label={t("controls.leave")} kind="leave" onClick={onLeave} />
      <Dialog open={devices} title={t("devices.title")} onClose={() => setDevices(false)}>
        <DeviceMenu />
      </Dialog>
      {onPhoto && (
        <PhotoCapture
          open={photo}
          onClose={() => setPhoto(false)}
          onPhoto={onPhoto}
          stream={call.own.picture}
        />
      )}
    </div>
  );
}

interface RoundButtonProps extends ComponentProps<"button"> {
  icon: ReactNode;
  label: string;
  pressed?: boolean;
  kind?: "leave";
  /** shows its word only where there is room */
  minor?: boolean;
}

function RoundButton({
  icon,
  label,
  pressed = false,
  kind,
  minor = false,
  className = "",
  ...rest
}: RoundButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`${styles.control} ${className}`}
      data-kind={kind}
      data-pressed={pressed}
      data-minor={minor}
      title={label}
    >
      <span className={styles.round} aria-hidden>
        {icon}
      </span>
      <span className={styles.word}>{label}</span>
    </button>
  );
}
