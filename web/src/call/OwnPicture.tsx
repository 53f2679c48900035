import { AudioMutedOutlined, VideoCameraOutlined } from "@ant-design/icons";
import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./CallStage.module.css";
import { Picture } from "./Picture";

type Corner = "top-left" | "top-right" | "bottom-left" | "bottom-right";

interface Props {
  stream: MediaStream | undefined;
  mirrored: boolean;
  muted: boolean;
  label: string;
  onSwap: () => void;
}

/** A drag shorter than this is a press, px. */
const press = 8;

/** The small picture: dragged into a corner with a finger, moved by arrow keys, swapped with the large one by a press. */
export function OwnPicture({ stream, mirrored, muted, label, onSwap }: Props) {
  const { t } = useTranslation("call");
  const [corner, setCorner] = useState<Corner>("top-right");
  const [offset, setOffset] = useState<{ x: number; y: number }>();
  const from = useRef<{ x: number; y: number }>(undefined);

  const begin = (event: PointerEvent<HTMLButtonElement>) => {
    from.current = { x: event.clientX, y: event.clientY };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    if (from.current) setOffset({ x: event.clientX - from.current.x, y: event.clientY - from.current.y });
  };
  const end = (event: PointerEvent<HTMLButtonElement>) => {
    if (!from.current) return;
    const moved = Math.hypot(event.clientX - from.current.x, event.clientY - from.current.y);
    from.current = undefined;
    setOffset(undefined);
    const stage = event.currentTarget.offsetParent;
    if (moved < press || !stage) return;
    const box = stage.getBoundingClientRect();
    const side = event.clientX < box.left + box.width / 2 ? "left" : "right";
    const level = event.clientY < box.top + box.height / 2 ? "top" : "bottom";
    setCorner(`${level}-${side}`);
    event.currentTarget.dataset.dragged = "yes";
  };
  const key = (event: KeyboardEvent) => {
    const [level, side] = corner.split("-") as ["top" | "bottom", "left" | "right"];
    const next: Partial<Record<string, Corner>> = {
      ArrowUp: `top-${side}`,
      ArrowDown: `bottom-${side}`,
      ArrowLeft: `${level}-left`,
      ArrowRight: `${level}-right`,
    };
    const to = next[event.key];
    if (!to) return;
    event.preventDefault();
    setCorner(to);
  };

  return (
    <button
      type="button"
      className={styles.small}
      data-corner={corner}
      style={offset && { transform: `translate(${offset.x}px, ${offset.y}px)` }}
      aria-label={t("ownPicture")}
      onPointerDown={begin}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={end}
      onKeyDown={key}
      onClick={(event) => {
        // The click that ends a drag is no press.
        const { dataset } = event.currentTarget;
        if (dataset.dragged) delete dataset.dragged;
        else onSwap();
      }}
    >
      {stream ? (
        <Picture stream={stream} mirrored={mirrored} cover label={label} />
      ) : (
        <span className={styles.noPicture}>
          <VideoCameraOutlined aria-hidden />
          {t("cameraOffSelf")}
        </span>
      )}
      <span className={styles.smallName}>
        {muted && <AudioMutedOutlined aria-label={t("controls.mute")} />}
        {label}
      </span>
    </button>
  );
}
