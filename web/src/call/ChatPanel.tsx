import { SendOutlined } from "@ant-design/icons";
import { Button, Input } from "antd";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useErrorText } from "../api/errorText";
import { readKey, useCommand, useRead } from "../api/hooks";
import type { Message } from "../api/types";
import { Loaded } from "../app/Loaded";
import { useServices } from "../app/services";
import { useMe } from "../auth/useSession";
import { useServerNow } from "../clock/useServerNow";
import { useFormat } from "../i18n/useFormat";
import styles from "./Panels.module.css";

const messagesPath = "/api/v1/consultations/{id}/messages";

/** The chat of a consultation, before, during and after the call. It fills its parent's height. */
export function ChatPanel({
  consultationId,
  readOnly = false,
}: {
  consultationId: string;
  readOnly?: boolean;
}) {
  const messages = useRead(messagesPath, { path: { id: consultationId } });
  return (
    <div className={styles.chat}>
      <Loaded query={messages}>{(list) => <MessageList list={list} />}</Loaded>
      {!readOnly && <Compose consultationId={consultationId} />}
    </div>
  );
}

function MessageList({ list }: { list: readonly Message[] }) {
  const { t } = useTranslation(["call", "common"]);
  const me = useMe();
  const format = useFormat();
  const now = useServerNow(60_000);
  const element = useRef<HTMLUListElement>(null);
  const newest = list.at(-1)?.id;
  useEffect(() => {
    const box = element.current;
    if (box) box.scrollTop = box.scrollHeight;
  }, [newest]);
  if (list.length === 0) return <p className={styles.messages}>{t("chat.empty")}</p>;
  return (
    <ul ref={element} className={styles.messages} aria-live="polite" aria-label={t("chat.title")}>
      {list.map((message) => (
        <li key={message.id} className={styles.message} data-mine={message.senderId === me.id}>
          <div className={styles.small}>
            {message.senderId === me.id ? t("you") : message.senderName}
            {t("common:separator")}
            {format.moment(message.sentAt, now)}
          </div>
          <div className={styles.bubble}>{message.body}</div>
        </li>
      ))}
    </ul>
  );
}

function Compose({ consultationId }: { consultationId: string }) {
  const { t } = useTranslation("call");
  const { query } = useServices();
  const errorText = useErrorText();
  const [text, setText] = useState("");
  // The message keeps its id until it is sent, so that pressing twice sends it once.
  const id = useRef(crypto.randomUUID());
  const send = useCommand("post", messagesPath, {
    onSuccess: (message) => {
      setText("");
      id.current = crypto.randomUUID();
      query.setQueryData(
        readKey(messagesPath, { path: { id: consultationId } }),
        (known: Message[] | undefined) => addMessage(known, message),
      );
    },
  });
  const submit = () => {
    const body = text.trim();
    if (body && !send.isPending)
      send.mutate({ path: { id: consultationId }, body: { id: id.current, body } });
  };
  const key = (event: KeyboardEvent) => {
    // Enter also takes a word from the Chinese input method.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    submit();
  };
  return (
    <div>
      {send.isError && (
        <p className={styles.danger} role="alert">
          {t("chat.failed")}
          {"："}
          {errorText(send.error)}
        </p>
      )}
      <div className={styles.compose}>
        <Input.TextArea
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            if (send.isError) send.reset();
          }}
          onKeyDown={key}
          autoSize={{ minRows: 1, maxRows: 4 }}
          maxLength={1000}
          placeholder={t("chat.placeholder")}
          aria-label={t("chat.placeholder")}
          title={t("chat.newline")}
        />
        <Button
          type="primary"
          icon={<SendOutlined />}
          loading={send.isPending}
          disabled={!text.trim()}
          onClick={submit}
        >
          {t("chat.send")}
        </Button>
      </div>
    </div>
  );
}

/** Adds a message that came with the answer, unless the list has it already. */
export function addMessage(list: readonly Message[] | undefined, message: Message): Message[] {
  const known = list ?? [];
  return known.some((m) => m.id === message.id) ? [...known] : [...known, message];
}

/** How many messages of others came since the panel was last open. `open`: it is open now. */
export function useUnreadMessages(consultationId: string, open: boolean): number {
  const me = useMe();
  const { data } = useRead(messagesPath, { path: { id: consultationId } });
  const theirs = data?.filter((m) => m.senderId !== me.id).length;
  // What stood there when the page was opened counts as read.
  const [seen, setSeen] = useState<number>();
  useEffect(() => {
    if (theirs !== undefined) setSeen((known) => (open || known === undefined ? theirs : known));
  }, [open, theirs]);
  return open ? 0 : Math.max(0, (theirs ?? 0) - (seen ?? theirs ?? 0));
}
