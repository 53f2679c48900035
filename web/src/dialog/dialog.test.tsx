import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { ConfigProvider, Form, Input } from "antd";
import { type ReactNode, useState } from "react";
import { I18nextProvider } from "react-i18next";
import { expect, it, vi } from "vitest";
import { ApiError } from "../api/errors";
import { createI18n } from "../i18n";
import { Dialog, FormDialog, ReasonDialog } from ".";

const i18n = createI18n("zh-CN");
const around = (page: ReactNode) => (
  <I18nextProvider i18n={i18n}>
    <ConfigProvider button={{ autoInsertSpace: false }}>{page}</ConfigProvider>
  </I18nextProvider>
);
const show = (page: ReactNode) => render(around(page));
const refusal = (fields: { field: string; code: string; message: string }[] = []) =>
  new ApiError(422, { code: "invalid", message: "没有保存。", fields } as never);

/** A button that opens a dialog as pages do: it is rendered while it is asked. */
function Page({ dialog }: { dialog: (close: () => void) => ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button onClick={() => setOpen(true)}>打开</button>
      {open && dialog(() => setOpen(false))}
    </>
  );
}

it("Enter in a line does it once, Esc closes, and focus goes back to the opener", async () => {
  const user = userEvent.setup();
  const done = vi.fn();
  show(
    <Page
      dialog={(close) => (
        <Dialog title="改名" onClose={close} act="保存" onAct={done}>
          <input aria-label="名称" />
        </Dialog>
      )}
    />,
  );
  await user.click(screen.getByText("打开"));
  await user.type(await screen.findByLabelText("名称"), "二病区{Enter}");
  expect(done).toHaveBeenCalledTimes(1);
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  await waitFor(() => expect(document.activeElement).toBe(screen.getByText("打开")));
});

it("is not done before what it needs is there, nor again while it is being done", async () => {
  const user = userEvent.setup();
  const done = vi.fn();
  const dialog = (ready: boolean, busy: boolean) =>
    around(
      <Dialog title="改名" act="保存" onAct={done} ready={ready} busy={busy}>
        <input aria-label="名称" />
      </Dialog>,
    );
  const { rerender } = render(dialog(false, false));
  expect(screen.getByRole("button", { name: "保存" })).toHaveProperty("disabled", true);
  await user.type(screen.getByLabelText("名称"), "{Enter}");
  rerender(dialog(true, true));
  await user.type(screen.getByLabelText("名称"), "{Enter}");
  expect(done).not.toHaveBeenCalled();
});

it("sending it does not send the form that it stands in", async () => {
  const user = userEvent.setup();
  const outer = vi.fn();
  const inner = vi.fn();
  show(
    <Form onFinish={outer}>
      <Dialog title="改名" act="保存" onAct={inner}>
        <input aria-label="名称" />
      </Dialog>
    </Form>,
  );
  await user.click(screen.getByRole("button", { name: "保存" }));
  expect(inner).toHaveBeenCalledTimes(1);
  expect(outer).not.toHaveBeenCalled();
});

it("a press beside it keeps what was typed", async () => {
  const user = userEvent.setup();
  const close = vi.fn();
  show(
    <Dialog title="改名" act="保存" onClose={close}>
      <input aria-label="名称" />
    </Dialog>,
  );
  const beside = document.querySelector(".ant-modal-wrap");
  if (beside) await user.click(beside);
  expect(beside).not.toBeNull();
  expect(close).not.toHaveBeenCalled();
});

it("a form says at the field what the server says of it, also under another name", async () => {
  const user = userEvent.setup();
  const send = vi.fn();
  function Asking() {
    const [form] = Form.useForm();
    const [error, setError] = useState<unknown>();
    return (
      <FormDialog<{ name: string }>
        title="协议"
        act="保存"
        form={form}
        fieldNames={{ validTo: "period" }}
        error={error}
        onSend={(values) => {
          send(values);
          setError(
            refusal([
              { field: "name", code: "taken", message: "已有同名协议。" },
              { field: "validTo", code: "past", message: "已经过期。" },
            ]),
          );
        }}
      >
        <Form.Item name="name" label="编号">
          <Input />
        </Form.Item>
        <Form.Item name="period" label="期限">
          <Input />
        </Form.Item>
      </FormDialog>
    );
  }
  show(<Asking />);
  await user.type(screen.getByLabelText("编号"), "A-1");
  await user.click(screen.getByRole("button", { name: "保存" }));
  await waitFor(() => expect(send).toHaveBeenCalledTimes(1));
  await screen.findByText("已有同名协议。");
  await screen.findByText("已经过期。");
  expect(screen.getByText("没有保存。").closest('[role="alert"]')).not.toBeNull();
});

it("asks for a reason of the list and for as many words as are needed", async () => {
  const user = userEvent.setup();
  const send = vi.fn();
  show(
    <ReasonDialog
      title="封存"
      act="封存"
      least={2}
      reasons={[{ value: "DISPUTE", label: "有争议" }]}
      onSend={send}
    />,
  );
  const confirm = screen.getByRole("button", { name: "封存" });
  await user.type(screen.getByLabelText("请写明原因"), " 家");
  expect(confirm).toHaveProperty("disabled", true);
  await user.type(screen.getByLabelText("请写明原因"), "属 ");
  expect(confirm).toHaveProperty("disabled", true);
  await user.click(screen.getByLabelText("有争议"));
  await act(async () => confirm.click());
  expect(send).toHaveBeenCalledWith({ reason: "DISPUTE", words: "家属" });
});
