import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";

/**
 * How many of a row's first `count` children stand in it, when those that do not fit are folded into one last child. The row must not
 * grow with its children and must cut what is too wide. `what` names the children, so that others (another language, other rights)
 * are measured anew.
 *
 * @param always the last child is there even when all others fit
 */
export function useFitting(
  row: RefObject<HTMLElement | null>,
  count: number,
  what: string,
  always: boolean,
): number {
  const [fitting, setFitting] = useState({ what: "", count });
  const widths = useRef<{ what: string; of: number[]; last: number }>({ what: "", of: [], last: 0 });

  const fit = useCallback(() => {
    const { current } = row;
    if (!current) return;
    const { of, last } = widths.current;
    const gap = Number.parseFloat(getComputedStyle(current).columnGap) || 0;
    const room = current.clientWidth;
    const all = of.reduce((sum, width) => sum + width + gap, always ? last : -gap);
    let shown = of.length;
    if (all > room) {
      let used = last;
      shown = 0;
      while (shown < of.length && used + gap + (of[shown] ?? 0) <= room) used += gap + (of[shown++] ?? 0);
    }
    setFitting((was) => (was.what === what && was.count === shown ? was : { what, count: shown }));
  }, [row, what, always]);

  // All of them are rendered once, to be measured, before anything is seen.
  const measuring = fitting.what !== what;
  const shown = measuring ? count : Math.min(fitting.count, count);
  useLayoutEffect(() => {
    const { current } = row;
    if (!current) return undefined;
    const children = [...current.children] as HTMLElement[];
    const measure = () => {
      const { of } = widths.current;
      for (const [i, child] of children.entries()) {
        if (i < shown) of[i] = child.offsetWidth;
        else widths.current.last = child.offsetWidth;
      }
      fit();
    };
    if (measuring) widths.current = { what, of: [], last: widths.current.last };
    measure();
    // Labels carry counts, which grow.
    const observer = new ResizeObserver(measure);
    for (const one of [current, ...children]) observer.observe(one);
    return () => observer.disconnect();
  }, [row, fit, shown, measuring, what]);

  return shown;
}
