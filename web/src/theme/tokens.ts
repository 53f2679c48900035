/**
 * The one place in which colours and sizes are written. Everything else uses the CSS variables that are made from here
 * (`--lz-…`), or Ant Design's theme, which is made from here too (antd.ts).
 */

/** Bedside: a tablet, one task at a time, large and calm. Desk: a desktop, dense and quick. */
export type Density = "bedside" | "desk";
/** Only the desk has a dark scheme. */
export type Scheme = "light" | "dark";

export interface Palette {
  /** text */
  ink: string;
  /** secondary text */
  muted: string;
  /** hairlines */
  line: string;
  /** borders of inputs: 3:1 against the surface */
  edge: string;
  /** the page */
  canvas: string;
  /** cards */
  surface: string;
  /** the one main action of a screen */
  primary: string;
  /** text on a filled button */
  onFill: string;
  good: string;
  caution: string;
  danger: string;
  claimed: string;
  /** urgency EMERGENT, between caution and danger */
  emergent: string;
}

const light: Palette = {
  ink: "#1B2733",
  muted: "#526170",
  line: "#DDE4EA",
  edge: "#7D8B98",
  canvas: "#F5F7F9",
  surface: "#FFFFFF",
  primary: "#0C5C92",
  onFill: "#FFFFFF",
  good: "#176A42",
  caution: "#8A5100",
  danger: "#B3261E",
  claimed: "#5B4BB7",
  emergent: "#A8380A",
};

const dark: Palette = {
  ink: "#E6ECF2",
  muted: "#A3B1BF",
  line: "#33414F",
  edge: "#7D8B98",
  canvas: "#12191F",
  surface: "#1B252E",
  primary: "#6DB6E8",
  onFill: "#0B141B",
  good: "#6CCB9A",
  caution: "#E9B25C",
  danger: "#FF8F86",
  claimed: "#B3A6F5",
  emergent: "#FF9E73",
};

export const palettes: Record<Scheme, Palette> = { light, dark };

/** The call's stage is dark in every scheme, because pictures stand on it. */
export const stage = {
  back: "#10171E",
  panel: "#22303C",
  text: "#FFFFFF",
  quiet: "#C6D2DC",
  hangup: "#C62F26",
};

export interface Measures {
  /** base text, px */
  text: number;
  leading: number;
  /** smallest text, px; at the bedside 18 is the least that the rules for older people allow */
  small: number;
  heading: number;
  title: number;
  /** height of a thing to press, px */
  target: number;
}

export const measures: Record<Density, Measures> = {
  bedside: { text: 20, leading: 30, small: 18, heading: 24, title: 28, target: 60 },
  desk: { text: 15, leading: 22, small: 13, heading: 17, title: 21, target: 32 },
};

export const radius = { card: 10, inner: 6 };

export const font =
  'system-ui, -apple-system, "PingFang SC", "HarmonyOS Sans SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "Segoe UI", Roboto, sans-serif';

/** Widths at which a layout may change, px. */
export const breakpoints = { narrow: 900, wide: 1180 };

const spaces = [1, 2, 3, 4, 5, 6, 8, 10, 12, 16];

/** A translucent form of a `#RRGGBB` colour, for tinted backgrounds. */
export function tint(colour: string, alpha: number): string {
  const channel = (at: number) => parseInt(colour.slice(at, at + 2), 16);
  return `rgb(${channel(1)} ${channel(3)} ${channel(5)} / ${alpha})`;
}

/** The same over a ground, as an opaque colour. */
export function blend(colour: string, alpha: number, ground: string): string {
  const channel = (at: number) => {
    const [top, under] = [colour, ground].map((c) => Number.parseInt(c.slice(at, at + 2), 16));
    return Math.round((top ?? 0) * alpha + (under ?? 0) * (1 - alpha))
      .toString(16)
      .padStart(2, "0");
  };
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}

/** How strong tinted backgrounds are. */
export const tintOf: Record<Scheme, number> = { light: 0.1, dark: 0.16 };

/** What is signed or printed is black on white in every scheme. */
export const paper = { back: "#FFFFFF", ink: "#000000", quiet: "#526170" };

/** All CSS variables for a density and a scheme, by name. */
export function cssVariables(density: Density, scheme: Scheme): Record<string, string> {
  const palette = palettes[scheme];
  const measure = measures[density];
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(palette)) out[`--lz-${name}`] = value;
  for (const name of ["primary", "good", "caution", "danger", "claimed", "emergent", "muted"] as const) {
    out[`--lz-${name}-tint`] = tint(palette[name], tintOf[scheme]);
  }
  for (const [name, value] of Object.entries(stage)) out[`--lz-stage-${name}`] = value;
  for (const [name, value] of Object.entries(paper)) out[`--lz-paper-${name}`] = value;
  out["--lz-stage-veil"] = tint(stage.back, 0.72);
  for (const n of spaces) out[`--lz-space-${n}`] = `${n * 4}px`;
  out["--lz-font"] = font;
  out["--lz-text"] = `${measure.text / 16}rem`;
  out["--lz-leading"] = `${measure.leading / measure.text}`;
  out["--lz-text-small"] = `${measure.small / 16}rem`;
  out["--lz-text-heading"] = `${measure.heading / 16}rem`;
  out["--lz-text-title"] = `${measure.title / 16}rem`;
  out["--lz-target"] = `${measure.target}px`;
  out["--lz-radius"] = `${radius.card}px`;
  out["--lz-radius-inner"] = `${radius.inner}px`;
  out["--lz-focus"] = scheme === "light" ? "#0C5C92" : "#9AD0F5";
  out["--lz-shadow"] = `0 4px 16px ${tint("#0B141B", scheme === "light" ? 0.16 : 0.6)}`;
  return out;
}
