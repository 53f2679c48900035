import { Form, type FormInstance } from "antd";
import { useEffect, useId } from "react";
import { fieldErrors } from "../api";
import { Dialog, type DialogProps } from "./Dialog";
import styles from "./Dialog.module.css";

interface FormDialogProps<V extends object> extends Omit<DialogProps, "onAct" | "formId" | "footer"> {
  form: FormInstance;
  initial?: object;
  /** Where a field of the request stands in the form under another name: `{ validTo: "period" }`. */
  fieldNames?: Record<string, string>;
  onSend: (values: V) => void;
}

/** A form over the page. What the server says about a field stands at the field, the rest above the buttons. */
export function FormDialog<V extends object>({
  form,
  initial,
  fieldNames,
  onSend,
  error,
  children,
  ...dialog
}: FormDialogProps<V>) {
  const id = useId();
  useEffect(() => {
    const said = fieldErrors(error).map((field) => {
      const other = fieldNames?.[String(field.name[0])];
      return other === undefined ? field : { ...field, name: [other] };
    });
    if (said.length > 0) form.setFields(said);
    // Only a new refusal is said at the fields: the person may be mending the last one.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [error, form]);
  return (
    <Dialog {...dialog} error={error} formId={id}>
      <Form
        id={id}
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={initial ?? {}}
        onFinish={onSend}
      >
        <div className={styles.fields}>{children}</div>
      </Form>
    </Dialog>
  );
}
