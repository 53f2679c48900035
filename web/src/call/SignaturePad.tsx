import { Button, Input } from "antd";
import { type PointerEvent, useEffect, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { font, paper } from "../theme/tokens";
import styles from "./Panels.module.css";

interface Props {
  /** the signature as base64 PNG (without a data: prefix), or null when there is none */
  onChange: (png: string | null) => void;
}

interface Point {
  x: number;
  y: number;
}

/** Size of the picture, px: sharp in print, and some ten KB. */
const width = 1200;
const height = 400;

/**
 * A field to sign in with finger, pen or mouse. Who cannot draw types the name, which is then written into the picture; that
 * is also the way by keyboard.
 */
export function SignaturePad({ onChange }: Props) {
  const { t } = useTranslation("call");
  const canvas = useRef<HTMLCanvasElement>(null);
  const strokes = useRef<Point[][]>([]);
  const [signed, setSigned] = useState(false);
  const [typing, setTyping] = useState(false);
  const [name, setName] = useState("");
  const label = useId();

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    element.width = width;
    element.height = height;
  }, []);

  const point = (event: PointerEvent<HTMLCanvasElement>): Point => {
    const box = event.currentTarget.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / (box.width || 1)) * width,
      y: ((event.clientY - box.top) / (box.height || 1)) * height,
    };
  };
  const handOver = () => {
    const data = canvas.current?.toDataURL("image/png") ?? "";
    onChange(data.slice(data.indexOf(",") + 1) || null);
  };
  const begin = (event: PointerEvent<HTMLCanvasElement>) => {
    event.currentTarget.setPointerCapture?.(event.pointerId);
    if (typing) wipe();
    strokes.current.push([point(event)]);
    setSigned(true);
    redraw();
  };
  const move = (event: PointerEvent<HTMLCanvasElement>) => {
    const stroke = strokes.current.at(-1);
    if (!stroke || event.buttons === 0) return;
    stroke.push(point(event));
    redraw();
  };
  const redraw = () => {
    const context = canvas.current?.getContext("2d");
    if (context) drawStrokes(context, strokes.current);
  };
  const wipe = () => {
    strokes.current = [];
    setName("");
    setTyping(false);
    setSigned(false);
    redraw();
    onChange(null);
  };
  const write = (text: string) => {
    setName(text);
    strokes.current = [];
    const context = canvas.current?.getContext("2d");
    if (context) drawName(context, text);
    const has = text.trim() !== "";
    setSigned(has);
    if (has) handOver();
    else onChange(null);
  };

  return (
    <div className={styles.stack}>
      <div className={styles.padBox}>
        <canvas
          ref={canvas}
          className={styles.pad}
          aria-label={`${t("signature.label")}: ${signed ? t("signature.signed") : t("signature.empty")}`}
          role="img"
          onPointerDown={begin}
          onPointerMove={move}
          onPointerUp={handOver}
          onPointerCancel={handOver}
        />
        {!signed && <span className={styles.padHint}>{t("signature.hint")}</span>}
      </div>
      <div className={styles.row}>
        <Button onClick={wipe} disabled={!signed}>
          {t("signature.clear")}
        </Button>
        {!typing && (
          <Button
            type="link"
            onClick={() => {
              wipe();
              setTyping(true);
            }}
          >
            {t("signature.typed")}
          </Button>
        )}
      </div>
      {typing && (
        <div className={styles.field}>
          <label htmlFor={label}>{t("signature.typedLabel")}</label>
          <Input id={label} value={name} maxLength={50} onChange={(event) => write(event.target.value)} />
        </div>
      )}
    </div>
  );
}

/** Strokes as smooth curves through the middles between points. */
function drawStrokes(context: CanvasRenderingContext2D, strokes: readonly Point[][]): void {
  context.clearRect(0, 0, width, height);
  context.strokeStyle = paper.ink;
  context.fillStyle = paper.ink;
  context.lineWidth = 6;
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const [first, ...rest] of strokes) {
    if (!first) continue;
    context.beginPath();
    if (rest.length === 0) {
      context.arc(first.x, first.y, 4, 0, 2 * Math.PI);
      context.fill();
      continue;
    }
    context.moveTo(first.x, first.y);
    let before = first;
    for (const next of rest) {
      context.quadraticCurveTo(before.x, before.y, (before.x + next.x) / 2, (before.y + next.y) / 2);
      before = next;
    }
    context.lineTo(before.x, before.y);
    context.stroke();
  }
}

function drawName(context: CanvasRenderingContext2D, name: string): void {
  context.clearRect(0, 0, width, height);
  context.fillStyle = paper.ink;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.font = `italic 160px "KaiTi", "Kaiti SC", "STKaiti", ${font}`;
  context.fillText(name, width / 2, height / 2, width - 80);
}
