import { PhoneOutlined, PoweroffOutlined } from "@ant-design/icons";
import { Button, Popconfirm, Skeleton } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type ApiError, type Consultation, hasCode, useCatalogue, useCommand, useErrorText } from "../../api";
import { CallStage } from "../../call/CallStage";
import { useCall } from "../../call/useCall";
import { useServerNow } from "../../clock/useServerNow";
import { useFormat } from "../../i18n/useFormat";
import { App } from "antd";
import styles from "./Work.module.css";

interface CallAreaProps {
  c: Consultation;
  unread: number;
  onChat: () => void;
  onEnter: () => void;
  onLeave: () => void;
  onLost: (error: ApiError) => void;
}

/** The call, or what stands in its place: the consent that is being taken, a call that was left or has ended. */
export function CallArea({ c, unread, onChat, onEnter, onLeave, onLost }: CallAreaProps) {
  const { t } = useTranslation("desk");
  const call = useCall();
  const { label } = useCatalogue();
  const here = call.consultationId === c.id;
  const callable = c.actions.includes("getTicket");

  if (here && (call.active || call.phase === "elsewhere" || call.phase === "failed")) {
    return (
      <CallStage
        size="desk"
        expected={c.nurse?.name}
        describe={(person) =>
          [label("roles", person.role), person.side === "CARE" ? c.invitingOrg.name : undefined]
            .filter(Boolean)
            .join(" · ")
        }
        onLeave={onLeave}
        onChat={onChat}
        unread={unread}
        actions={c.actions.includes("endCall") && <EndCall c={c} onLost={onLost} />}
      />
    );
  }
  if (c.state === "SCHEDULED") return <Planned c={c} onEnter={onEnter} />;
  // Nobody is called again until a new consent is given; what was said so far still needs its report.
  if (!callable && c.consent?.withdrawnAt && c.state !== "ACCEPTED") {
    return <Instead title={t("work.withdrawn")} text={t("work.withdrawnBody")} />;
  }
  if (!callable) {
    return (
      <Instead title={t("work.waitingConsent")} text={t("work.waitingConsentBody")}>
        <Skeleton.Node active />
      </Instead>
    );
  }
  const open = c.callId !== undefined;
  const paused = c.state === "ABORTED_TECH";
  return (
    <Instead
      title={open ? t("work.left") : t("work.callOver")}
      text={open ? t("work.leftBody") : t("work.callOverBody")}
    >
      <Button type="primary" size="large" icon={<PhoneOutlined aria-hidden />} onClick={onEnter}>
        {paused ? t("work.resume") : open ? t("work.comeBack") : t("work.callAgain")}
      </Button>
    </Instead>
  );
}

/** Put off to a slot: when, and the way in once it is time. */
function Planned({ c, onEnter }: { c: Consultation; onEnter: () => void }) {
  const { t } = useTranslation("life");
  const format = useFormat();
  const now = useServerNow(10_000);
  const callable = c.actions.includes("getTicket");
  return (
    <Instead
      title={t("schedule.shown", { time: c.slot ? format.moment(c.slot.from, now) : "" })}
      text={callable ? t("schedule.early") : `${t("schedule.wait")} ${t("schedule.early")}`}
    >
      <Button
        type="primary"
        size="large"
        icon={<PhoneOutlined aria-hidden />}
        disabled={!callable}
        onClick={onEnter}
      >
        {t("schedule.begin")}
      </Button>
    </Instead>
  );
}

function Instead({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <div className={styles.instead} role="status">
      <h2>{title}</h2>
      <p>{text}</p>
      {children}
    </div>
  );
}

/** Ends the call for everybody; the consultation stays open. */
function EndCall({ c, onLost }: { c: Consultation; onLost: (error: ApiError) => void }) {
  const { t } = useTranslation("desk");
  const { message } = App.useApp();
  const errorText = useErrorText();
  const end = useCommand("post", "/api/v1/consultations/{id}/end-call", {
    onError: (error) => {
      if (hasCode(error, "epoch_stale")) onLost(error);
      else void message.error(errorText(error));
    },
  });
  return (
    <Popconfirm
      title={t("work.endCallAsk")}
      description={t("work.endCallBody")}
      okText={t("work.endCall")}
      onConfirm={() => end.mutate({ path: { id: c.id }, body: { epoch: c.epoch } })}
    >
      <Button
        danger
        type="primary"
        icon={<PoweroffOutlined aria-hidden />}
        loading={end.isPending}
        className={styles.endCall}
      >
        {t("work.endCall")}
      </Button>
    </Popconfirm>
  );
}
