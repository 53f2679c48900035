import { App, Button } from "antd";
import { useEffect, useEffectEvent, useRef } from "react";
import { useNavigate } from "react-router";
import { useRingtone } from "../../call/sound/useRingtone";
import { notify } from "./notify";

/** For how long what a doctor is told of is heard, ms: it waits for an answer on the screen, and does not ring on. */
const heard = 6000;

/** What a doctor is told of a consultation, in the doctor's language. */
interface Told {
  id: string;
  title: string;
  body: string;
  /** on the button that leads there */
  open: string;
}

/**
 * Tells a doctor of a consultation, wherever in the application the doctor is: by sound, by the browser where its window is in the
 * background, and with `notice` by a note that stays until it is answered. What it gives back opens the consultation.
 */
export function useTold(): (told: Told, notice: boolean) => () => void {
  const { notification } = App.useApp();
  const navigate = useNavigate();
  const { ring, stop } = useRingtone();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const silence = () => {
    clearTimeout(timer.current);
    stop();
  };
  const atEnd = useEffectEvent(silence);
  useEffect(() => () => atEnd(), []);

  return ({ id, title, body, open: act }, notice) => {
    ring();
    clearTimeout(timer.current);
    timer.current = setTimeout(stop, heard);
    const open = () => {
      silence();
      notification.destroy(id);
      void navigate(`/work/${id}`);
    };
    const shown = document.hasFocus() ? undefined : notify(id, title, body);
    shown?.addEventListener("click", () => {
      window.focus();
      open();
    });
    if (notice)
      notification.info({
        key: id,
        title,
        description: body,
        duration: false,
        actions: (
          <Button type="primary" onClick={open}>
            {act}
          </Button>
        ),
      });
    return open;
  };
}
