import {
  type KeyboardEvent as ReactKeyboardEvent,
  type PointerEvent as ReactPointerEvent,
  type RefObject,
  useCallback,
  useEffect,
  useEffectEvent,
  useRef,
  useState,
} from "react";
import { type Arrow, arrow, firstFree, type Free, type Place, pointTo, snap } from "./grid";

/** Something that is put somewhere on the grid. */
export interface Thing {
  /** names it among all that can be carried */
  key: string;
  /** minutes */
  length: number;
  /** where it is; absent: not on the grid yet */
  at?: Place;
}

export interface Carried<T extends Thing> {
  of: T;
  by: "pointer" | "keys";
  /** where it would go; absent: beside the grid, or nothing free is known yet */
  to?: Place;
}

/** A mouse that moved so far drags, px. */
const drags = 5;
/** A finger that stays so long picks up, ms; one that moves before scrolls. */
const picks = 350;
/** So near to the edge of the window the page scrolls along, px. */
const edge = 70;

interface Grid {
  body: RefObject<HTMLElement | null>;
  days: readonly string[];
  hours: { from: number; to: number };
  free: Free;
}

/**
 * Carrying things over the grid: by mouse, by finger (a long press picks up, so that a swipe still scrolls) and by the keyboard (arrow keys,
 * Enter, Esc). Letting go beside the grid and Esc put back.
 */
export function useCarry<T extends Thing>(grid: Grid, onDrop: (of: T, to: Place) => void) {
  const [carried, setCarried] = useState<Carried<T>>();
  const press = useRef<{ of: T; x: number; y: number; grab: number; timer: number; touch: boolean }>(
    undefined,
  );
  const current = useRef<Carried<T>>(undefined);
  /** a click that ends a drag opens nothing */
  const justDragged = useRef(false);
  const set = useCallback((next: Carried<T> | undefined) => {
    current.current = next;
    setCarried(next);
  }, []);

  const pointed = (x: number, y: number, of: T, grab: number): Place | undefined => {
    const rect = grid.body.current?.getBoundingClientRect();
    if (!rect) return undefined;
    const inside = pointTo(x - rect.left, Math.max(0, y - rect.top), rect, grid.days, grid.hours);
    if (!inside || y < rect.top - 40) return undefined;
    const scale = (grid.hours.to - grid.hours.from) / rect.height;
    return snap({ day: inside.day, minute: inside.minute - grab * scale }, grid.free, grid.hours, of.length);
  };
  const pickUp = (x: number, y: number) => {
    const p = press.current;
    if (!p) return;
    const to = pointed(x, y, p.of, p.grab);
    set({ of: p.of, by: "pointer", ...(to ? { to } : {}) });
  };
  const letGo = () => {
    if (press.current) window.clearTimeout(press.current.timer);
    press.current = undefined;
  };

  const move = useEffectEvent((event: PointerEvent) => {
    const p = press.current;
    if (!p) return;
    const far = Math.hypot(event.clientX - p.x, event.clientY - p.y);
    const now = current.current;
    if (!now) {
      if (p.touch) {
        if (far > 2 * drags) letGo();
        return;
      }
      if (far < drags) return;
    }
    pickUp(event.clientX, event.clientY);
    if (event.clientY < edge) window.scrollBy(0, -12);
    else if (event.clientY > window.innerHeight - edge) window.scrollBy(0, 12);
  });
  const up = useEffectEvent(() => {
    const now = current.current;
    const was = press.current;
    letGo();
    if (!was || now?.by !== "pointer") return;
    justDragged.current = true;
    window.setTimeout(() => (justDragged.current = false));
    set(undefined);
    if (now.to) onDrop(now.of, now.to);
  });
  const putBack = useEffectEvent(() => {
    letGo();
    if (current.current) set(undefined);
  });
  useEffect(() => {
    const onMove = (event: PointerEvent) => move(event);
    const onUp = () => up();
    const onCancel = () => putBack();
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && current.current) {
        event.preventDefault();
        putBack();
      }
    };
    // While a finger carries something, the page does not scroll under it.
    const onTouch = (event: TouchEvent) => {
      if (current.current?.by === "pointer") event.preventDefault();
    };
    const onMenu = (event: Event) => {
      if (press.current?.touch) event.preventDefault();
    };
    window.addEventListener("pointermove", onMove);
    window.addEventListener("pointerup", onUp);
    window.addEventListener("pointercancel", onCancel);
    window.addEventListener("keydown", onKey, true);
    window.addEventListener("touchmove", onTouch, { passive: false });
    window.addEventListener("contextmenu", onMenu);
    return () => {
      window.removeEventListener("pointermove", onMove);
      window.removeEventListener("pointerup", onUp);
      window.removeEventListener("pointercancel", onCancel);
      window.removeEventListener("keydown", onKey, true);
      window.removeEventListener("touchmove", onTouch);
      window.removeEventListener("contextmenu", onMenu);
    };
  }, []);

  // What the keyboard picked up before anything free was known begins at the first free start.
  useEffect(() => {
    const now = current.current;
    if (now?.by !== "keys" || now.to || grid.free.size === 0) return;
    const to = firstFree(grid.free, grid.days, grid.hours);
    if (to) set({ ...now, to });
  }, [grid.free, grid.days, grid.hours, set]);

  /** Handlers of something that can be carried; `mayCarry` false: it only opens. */
  const handlers = (of: T, open: (() => void) | undefined) => ({
    onPointerDown: (event: ReactPointerEvent<HTMLElement>) => {
      if (event.button !== 0 || current.current) return;
      const rect = event.currentTarget.getBoundingClientRect();
      const touch = event.pointerType !== "mouse";
      const { clientX: x, clientY: y } = event;
      letGo();
      press.current = {
        of,
        x,
        y,
        // What comes from beside the grid is held at its upper edge.
        grab: of.at ? y - rect.top : 8,
        touch,
        timer: touch ? window.setTimeout(() => pickUp(x, y), picks) : 0,
      };
      // Otherwise a touch stays with what it began on, and a mouse begins to mark text.
      if (touch) event.currentTarget.releasePointerCapture(event.pointerId);
    },
    onDragStart: (event: { preventDefault: () => void }) => event.preventDefault(),
    onClick: () => {
      if (!justDragged.current && !current.current) {
        if (open) open();
        else set({ of, by: "keys", ...start(of) });
      }
    },
    onKeyDown: (event: ReactKeyboardEvent<HTMLElement>) => {
      const now = current.current;
      const mine = now?.by === "keys" && now.of.key === of.key ? now : undefined;
      if (event.key.startsWith("Arrow") && event.key.length > 5) {
        event.preventDefault();
        const key = event.key as Arrow;
        const from = mine?.to ?? start(of).to;
        const to = from && arrow(from, key, grid.free, grid.days, grid.hours, of.length);
        set({ of, by: "keys", ...(to ? { to } : {}) });
        return;
      }
      if (event.key === "Enter" && mine) {
        event.preventDefault();
        set(undefined);
        if (mine.to) onDrop(of, mine.to);
      }
    },
    onBlur: () => {
      if (current.current?.by === "keys" && current.current.of.key === of.key) set(undefined);
    },
  });
  const start = (of: T): { to?: Place } => {
    const to = of.at ?? firstFree(grid.free, grid.days, grid.hours);
    return to && grid.days.includes(to.day) ? { to } : {};
  };
  return { carried, handlers };
}
