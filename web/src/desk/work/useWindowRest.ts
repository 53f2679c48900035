import { useCallback, useState } from "react";

/** How far below the window's top an element begins, px, kept up to date; for a page that fills the rest of the window. */
export function useWindowRest(): [(element: HTMLElement | null) => (() => void) | undefined, number] {
  const [top, setTop] = useState(0);
  const ref = useCallback((element: HTMLElement | null) => {
    if (!element) return undefined;
    const measure = () => setTop(Math.round(element.getBoundingClientRect().top + window.scrollY));
    measure();
    const observer = new ResizeObserver(measure);
    // Headers and banners above it grow and go.
    observer.observe(document.body);
    for (const sibling of element.closest("#root")?.children ?? []) observer.observe(sibling);
    window.addEventListener("resize", measure);
    return () => {
      observer.disconnect();
      window.removeEventListener("resize", measure);
    };
  }, []);
  return [ref, top];
}
