import { App as AntApp, ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import {
  createContext,
  type ReactNode,
  use,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useState,
} from "react";
import { useTranslation } from "react-i18next";
import { antdTheme } from "./antd";
import "./base.css";
import { cssVariables, type Density, type Scheme } from "./tokens";

/** What the person chose; `auto` follows the device. */
export type SchemeChoice = "auto" | Scheme;

interface ThemeState {
  density: Density;
  setDensity: (density: Density) => void;
  /** The scheme in effect: dark only at the desk. */
  scheme: Scheme;
  choice: SchemeChoice;
  choose: (choice: SchemeChoice) => void;
}

const ThemeContext = createContext<ThemeState | null>(null);
const stored = "lz-scheme";

function readChoice(): SchemeChoice {
  const value = localStorage.getItem(stored);
  return value === "light" || value === "dark" ? value : "auto";
}

/** Sets the CSS variables on the document and Ant Design's theme around the page. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation();
  const [density, setDensity] = useState<Density>("bedside");
  const [choice, setChoice] = useState<SchemeChoice>(readChoice);
  const deviceDark = useMediaQuery("(prefers-color-scheme: dark)");
  const wanted: Scheme = choice === "auto" ? (deviceDark ? "dark" : "light") : choice;
  const scheme: Scheme = density === "desk" ? wanted : "light";

  useLayoutEffect(() => {
    const root = document.documentElement;
    root.dataset.density = density;
    root.dataset.scheme = scheme;
    for (const [name, value] of Object.entries(cssVariables(density, scheme)))
      root.style.setProperty(name, value);
  }, [density, scheme]);

  const choose = useCallback((next: SchemeChoice) => {
    localStorage.setItem(stored, next);
    setChoice(next);
  }, []);
  const state = useMemo(
    () => ({ density, setDensity, scheme, choice, choose }),
    [density, scheme, choice, choose],
  );
  const still = useMediaQuery("(prefers-reduced-motion: reduce)");
  const theme = useMemo(() => antdTheme(density, scheme, !still), [density, scheme, still]);

  return (
    <ThemeContext value={state}>
      <ConfigProvider
        locale={i18n.language === "en" ? enUS : zhCN}
        theme={theme}
        button={{ autoInsertSpace: false }}
        wave={{ disabled: true }}
      >
        <AntApp component={false}>{children}</AntApp>
      </ConfigProvider>
    </ThemeContext>
  );
}

/** The theme in effect and how to change it. */
export function useTheme(): ThemeState {
  const state = use(ThemeContext);
  if (!state) throw new Error("useTheme outside of ThemeProvider");
  return state;
}

/** Sets the density of the page while the caller is shown. */
export function useDensity(density: Density): void {
  const { setDensity } = useTheme();
  useLayoutEffect(() => setDensity(density), [density, setDensity]);
}

/** Whether a CSS media query matches now. */
export function useMediaQuery(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const update = () => setMatches(list.matches);
    update();
    list.addEventListener("change", update);
    return () => list.removeEventListener("change", update);
  }, [query]);
  return matches;
}
