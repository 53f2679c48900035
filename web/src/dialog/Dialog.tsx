import { Button, Modal } from "antd";
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import styles from "./Dialog.module.css";
import { Refused } from "./Refused";

/** px; a dialog is never wider than the screen. `picture` is for what is looked at. */
const widths = { narrow: 560, wide: 760, widest: 920, picture: 1100 };

export interface DialogProps {
  /** absent: open for as long as it is rendered */
  open?: boolean;
  title: ReactNode;
  /** Esc, the first button and, where there is nothing to do in it, a press beside it. Absent: it must be answered. */
  onClose?: () => void;
  width?: keyof typeof widths;
  /** The word on the one button that does something; absent: there is only something to look at. */
  act?: ReactNode;
  /** What the button does, and Enter in any line of the dialog. */
  onAct?: () => void;
  /** The form inside that the button sends instead of calling `onAct` (FormDialog). */
  formId?: string;
  /** It is being done. */
  busy?: boolean;
  /** What is needed is there; otherwise the button is off. */
  ready?: boolean;
  /** It cannot be undone. */
  danger?: boolean;
  /** Why it was not done, said above the buttons. */
  error?: unknown;
  /** The word on the button that closes: "cancel" beside an act, "close" without one. */
  close?: ReactNode;
  /** Other buttons than these two, the main one last; null: none. */
  footer?: ReactNode;
  children?: ReactNode;
}

/**
 * Something over the page: one question with its answers below, or one thing to look at. Every dialog of the application is this
 * one. Title and buttons stay in view, what is between them scrolls; focus goes to the first field (with a mouse; on a tablet
 * that would raise the keyboard), stays inside and goes back to where it came from.
 */
export function Dialog({
  open = true,
  title,
  onClose,
  width = "narrow",
  act,
  onAct,
  formId,
  busy = false,
  ready = true,
  danger = false,
  error,
  close,
  footer,
  children,
}: DialogProps) {
  const { t } = useTranslation("common");
  const ownId = useId();
  const body = useRef<HTMLDivElement>(null);
  useReturningFocus(open);
  const typed = act !== undefined || footer !== undefined;
  const content = (
    <>
      {children}
      <Refused error={error} />
    </>
  );
  return (
    <Modal
      open={open}
      title={title}
      onCancel={onClose ?? nothing}
      closable={footer === undefined && act === undefined}
      keyboard={onClose !== undefined}
      // A press beside a dialog must not throw away what was typed into it.
      mask={{ closable: onClose !== undefined && !typed }}
      width={`min(${widths[width]}px, calc(100vw - 24px))`}
      centered
      destroyOnHidden
      afterOpenChange={(shown) => shown && focusFirst(body.current)}
      styles={{
        container: { display: "flex", flexDirection: "column", maxHeight: "calc(100dvh - 24px)" },
        body: { overflowY: "auto", minHeight: 0, paddingInline: 4, paddingBlock: 4 },
      }}
      footer={
        footer === undefined ? (
          <div className={styles.footer}>
            {onClose && (
              <Button onClick={onClose}>{close ?? t(act ? "actions.cancel" : "actions.close")}</Button>
            )}
            {act && (
              <Button
                type="primary"
                danger={danger}
                htmlType="submit"
                form={formId ?? ownId}
                loading={busy}
                disabled={!ready}
              >
                {act}
              </Button>
            )}
          </div>
        ) : (
          footer
        )
      }
    >
      <div ref={body}>
        {act && !formId ? (
          <form
            id={ownId}
            className={styles.dialog}
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              // The dialog may stand in another form, which is not sent with it.
              event.stopPropagation();
              if (ready && !busy) onAct?.();
            }}
          >
            {content}
          </form>
        ) : (
          <div className={styles.dialog}>{content}</div>
        )}
      </div>
    </Modal>
  );
}

function nothing() {}

const fields = "input:not([type=hidden]):not([disabled]), textarea:not([disabled]), [contenteditable=true]";

function focusFirst(body: HTMLElement | null): void {
  if (!body || body.contains(document.activeElement) || !matchMedia("(pointer: fine)").matches) return;
  // Scanning for files and closed lists of dates would open something over the dialog.
  const first = [...body.querySelectorAll<HTMLElement>(fields)].find(
    (field) => !field.closest(".ant-picker, .ant-select") && field.getAttribute("type") !== "file",
  );
  first?.focus({ preventScroll: false });
}

/** Puts the focus back when a dialog goes that was taken out of the page with its opener's state, and so could not fade. */
function useReturningFocus(open: boolean): void {
  useLayoutEffect(() => {
    if (!open) return undefined;
    const back = document.activeElement;
    return () => {
      // After the dialog is gone: only if the focus went with it.
      setTimeout(() => {
        const lost = document.activeElement === null || document.activeElement === document.body;
        if (lost && back instanceof HTMLElement && back.isConnected) back.focus();
      });
    };
  }, [open]);
}
