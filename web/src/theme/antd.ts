import { theme, type ThemeConfig } from "antd";
import { blend, type Density, font, measures, palettes, radius, type Scheme, tintOf } from "./tokens";

/** Ant Design's theme, made from the tokens. Without motion nothing waits for the end of a move, which base.css takes away. */
export function antdTheme(density: Density, scheme: Scheme, motion: boolean): ThemeConfig {
  const palette = palettes[scheme];
  const measure = measures[density];
  const tinted = (colour: string) => blend(colour, tintOf[scheme], palette.surface);
  const bedside = density === "bedside";
  return {
    algorithm: scheme === "dark" ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      colorPrimary: palette.primary,
      colorInfo: palette.primary,
      colorLink: palette.primary,
      colorSuccess: palette.good,
      colorWarning: palette.caution,
      colorError: palette.danger,
      colorPrimaryBg: tinted(palette.primary),
      colorInfoBg: tinted(palette.primary),
      colorSuccessBg: tinted(palette.good),
      colorWarningBg: tinted(palette.caution),
      colorErrorBg: tinted(palette.danger),
      colorInfoBorder: palette.primary,
      colorSuccessBorder: palette.good,
      colorWarningBorder: palette.caution,
      colorErrorBorder: palette.danger,
      colorText: palette.ink,
      colorTextSecondary: palette.muted,
      colorTextTertiary: palette.muted,
      colorTextDescription: palette.muted,
      colorTextPlaceholder: palette.muted,
      colorTextLightSolid: palette.onFill,
      colorBgLayout: palette.canvas,
      colorBgContainer: palette.surface,
      colorBgElevated: palette.surface,
      colorBorder: palette.edge,
      colorBorderSecondary: palette.line,
      colorSplit: palette.line,
      borderRadius: radius.inner,
      borderRadiusLG: radius.card,
      borderRadiusSM: radius.inner,
      fontFamily: font,
      fontSize: measure.text,
      lineHeight: measure.leading / measure.text,
      fontSizeHeading1: measure.title,
      fontSizeHeading2: measure.heading,
      fontSizeHeading3: measure.heading,
      fontSizeHeading4: measure.text,
      fontSizeSM: measure.small,
      controlHeight: bedside ? 60 : 36,
      controlHeightSM: bedside ? 60 : 32,
      controlHeightLG: bedside ? 68 : 44,
      controlInteractiveSize: bedside ? 28 : 18,
      motion,
      motionDurationFast: "0.1s",
      motionDurationMid: "0.15s",
      motionDurationSlow: "0.2s",
      wireframe: false,
    },
    components: {
      Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none", fontWeight: 600 },
      Modal: { titleFontSize: measure.heading },
      Form: { itemMarginBottom: bedside ? 24 : 16, labelHeight: measure.leading },
      Table: { cellPaddingBlock: bedside ? 16 : 8, cellPaddingInline: bedside ? 16 : 10 },
      Segmented: { trackBg: palette.canvas },
    },
  };
}
