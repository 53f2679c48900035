import { Form, type FormInstance, Modal } from "antd";
import type { ReactNode } from "react";
import { Refused } from "../desk/parts/Refused";
import styles from "./Around.module.css";

/** A form over the page with its one act. */
export function FormDialog<V extends object>({
  title,
  act,
  form,
  initial,
  busy,
  error,
  onClose,
  onSend,
  children,
}: {
  title: string;
  act: string;
  form: FormInstance;
  initial?: object;
  busy: boolean;
  error: unknown;
  onClose: () => void;
  onSend: (values: V) => void;
  children: ReactNode;
}) {
  return (
    <Modal
      open
      width={720}
      title={title}
      okText={act}
      okButtonProps={{ loading: busy }}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={initial ?? {}}
        onFinish={onSend}
      >
        <div className={styles.fields}>{children}</div>
        <Refused error={error} />
      </Form>
    </Modal>
  );
}
