import { describe, expect, it } from "vitest";
import { blend, cssVariables, measures, palettes, type Palette, stage, tintOf } from "./tokens";

/** WCAG 2 contrast of two `#RRGGBB` colours. */
function contrast(a: string, b: string): number {
  const luminance = (colour: string) => {
    const [r = 0, g = 0, blue = 0] = [1, 3, 5].map((at) => {
      const c = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
  };
  const [low = 0, high = 0] = [luminance(a), luminance(b)].toSorted((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

describe.each(["light", "dark"] as const)("the %s scheme", (scheme) => {
  const p: Palette = palettes[scheme];
  const text = ["ink", "muted", "primary", "good", "caution", "danger", "claimed", "emergent"] as const;

  it.each(text)("%s is readable on cards, on the page and on its own tint", (name) => {
    const tinted = blend(p[name], tintOf[scheme], p.surface);
    for (const ground of [p.surface, p.canvas, tinted])
      expect(contrast(p[name], ground)).toBeGreaterThanOrEqual(4.5);
  });

  it("has inputs whose borders can be seen, and readable buttons", () => {
    expect(contrast(p.edge, p.surface)).toBeGreaterThanOrEqual(3);
    expect(contrast(p.onFill, p.primary)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(p.onFill, p.danger)).toBeGreaterThanOrEqual(4.5);
  });
});

it("the call's stage is readable", () => {
  for (const ground of [stage.back, stage.panel]) {
    expect(contrast(stage.text, ground)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(stage.quiet, ground)).toBeGreaterThanOrEqual(4.5);
  }
  expect(contrast(stage.text, stage.hangup)).toBeGreaterThanOrEqual(4.5);
});

it("the bedside keeps the rules for older people: text of 18 px, targets of 60 px", () => {
  expect(Math.min(measures.bedside.small, measures.bedside.text)).toBeGreaterThanOrEqual(18);
  expect(measures.bedside.target).toBeGreaterThanOrEqual(60);
  expect(measures.desk.target).toBeGreaterThanOrEqual(32);
});

it("both densities and schemes define the same variables", () => {
  const names = Object.keys(cssVariables("bedside", "light"));
  expect(Object.keys(cssVariables("desk", "dark"))).toEqual(names);
});
