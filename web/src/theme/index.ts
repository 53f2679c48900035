export { ThemeProvider, type SchemeChoice, useDensity, useMediaQuery, useTheme } from "./ThemeProvider";
export { Notice } from "./Notice";
export { Tone, type ToneKind } from "./Tone";
export { UrgencyMark, UrgencyTag, urgencyTone } from "./UrgencyTag";
export { breakpoints, type Density, type Scheme } from "./tokens";
