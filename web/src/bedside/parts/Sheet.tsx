import { Modal } from "antd";
import type { ReactNode } from "react";

interface SheetProps {
  open: boolean;
  title: ReactNode;
  /** Esc and a tap beside the sheet; absent: the sheet must be answered */
  onClose?: () => void;
  /** the buttons, the main one last */
  footer: ReactNode;
  children: ReactNode;
  /** px; the sheet is never wider than the screen */
  width?: number;
}

/** A sheet over the page: one question, its answers below. Focus stays inside and goes back afterwards. */
export function Sheet({ open, title, onClose, footer, children, width = 720 }: SheetProps) {
  return (
    <Modal
      open={open}
      title={title}
      onCancel={onClose ?? nothing}
      closable={false}
      keyboard={onClose !== undefined}
      mask={{ closable: onClose !== undefined }}
      footer={footer}
      width={`min(${width}px, calc(100vw - 24px))`}
      centered
      destroyOnHidden
      // Title and buttons stay in view, however many lines they take; what is between them scrolls.
      styles={{
        container: { display: "flex", flexDirection: "column", maxHeight: "calc(100dvh - 24px)" },
        body: { overflowY: "auto", minHeight: 0, paddingInline: 4 },
      }}
    >
      {children}
    </Modal>
  );
}

function nothing() {}
