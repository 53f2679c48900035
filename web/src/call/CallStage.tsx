import { AudioMutedOutlined, UserOutlined } from "@ant-design/icons";
import { Button, Spin } from "antd";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCatalogue } from "../api/catalogue";
import { useErrorText } from "../api/errorText";
import { CallControls } from "./CallControls";
import styles from "./CallStage.module.css";
import type { CallPerson } from "./media/CallEngine";
import { SignalError } from "../signaling";
import { OwnPicture } from "./OwnPicture";
import { Picture } from "./Picture";
import { QualityPill } from "./QualityPill";
import { StageNotices } from "./StageNotices";
import { type Call, useCall } from "./useCall";
import { useElapsed } from "./useElapsed";

export interface CallStageProps {
  /** round buttons of 60 px and more, or a bar */
  size: "bedside" | "desk";
  /** title and house of a person, under the name: "副主任医师 · 青城医院"; the role unless given */
  describe?: (person: CallPerson) => string | undefined;
  /** who is expected, until somebody has come: "王医生" */
  expected?: string | undefined;
  /** after leaving; the stage has left the call already */
  onLeave: () => void;
  /** offers a still picture and hands it over */
  onPhoto?: (photo: Blob) => void;
  /** opens and closes the messages, which the page shows */
  onChat?: () => void;
  unread?: number;
  /** further acts beside the buttons: End call, Finish */
  actions?: ReactNode;
  /** cards that lie over the picture: the doctor's requests */
  children?: ReactNode;
}

/**
 * The pictures of the call that the page is in, who is seen, for how long, how the line is, and the buttons. The page calls
 * `useCall().enter(consultationId)`; the stage shows whatever state that leads to. It fills its parent.
 */
export function CallStage(props: CallStageProps) {
  const { size, describe, expected, onLeave, onPhoto, onChat, unread, actions, children } = props;
  const call = useCall();
  const { t } = useTranslation("call");
  const stage = useRef<HTMLDivElement>(null);
  const [swapped, setSwapped] = useState(false);
  const [pinned, setPinned] = useState<string>();
  const [last, setLast] = useState<{ of: string; picture: HTMLCanvasElement }>();
  const [full, toggleFull] = useFullScreen(stage);
  const main = mainPerson(call.people, pinned);
  const others = call.people.filter((p) => p.joined && p !== main);
  const mirrored = call.own.camera.facing === "user";
  const showOwnLarge = swapped && call.own.picture !== undefined;
  const live = call.phase === "connected" || call.phase === "reconnecting";

  const leave = () => {
    call.leave();
    onLeave();
  };

  return (
    <section
      ref={stage}
      className={styles.stage}
      data-size={size}
      aria-label={t("label")}
      data-phase={call.phase}
    >
      <div className={styles.large} data-size={main?.screen ? undefined : size}>
        {live && showOwnLarge && call.own.picture && (
          <Picture stream={call.own.picture} mirrored={mirrored} label={t("you")} />
        )}
        {live && !showOwnLarge && main && (
          <Person
            key={main.participantId}
            person={main}
            last={last?.of === main.participantId ? last.picture : undefined}
            onLast={(picture) => setLast({ of: main.participantId, picture })}
          />
        )}
        {live && !main && <Waiting call={call} expected={expected} last={last} />}
        {!live && <Outcome call={call} />}
      </div>
      {live && (
        <>
          <StageHead call={call} main={main} describe={describe} />
          <OwnPicture
            stream={showOwnLarge ? (main?.screen ?? main?.video) : call.own.picture}
            mirrored={!showOwnLarge && mirrored}
            muted={call.own.microphone.state !== "on"}
            label={showOwnLarge && main ? main.name : t("you")}
            onSwap={() => setSwapped(!swapped)}
          />
          {others.length > 0 && (
            <ul className={styles.others}>
              {others.map((person) => (
                <li key={person.participantId}>
                  <button
                    type="button"
                    className={styles.other}
                    onClick={() => setPinned(person.participantId)}
                    aria-label={t("controls.pin", { name: person.name })}
                  >
                    {person.video ? (
                      <Picture stream={person.video} cover label={person.name} />
                    ) : (
                      <span className={styles.noPicture}>
                        <UserOutlined aria-hidden />
                      </span>
                    )}
                    <span className={styles.smallName}>
                      {person.audioMuted && <AudioMutedOutlined aria-label={t("person.muted")} />}
                      {person.name}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </>
      )}
      <StageNotices call={call} />
      {children && <div className={styles.cards}>{children}</div>}
      {call.active && (
        <CallControls
          call={call}
          size={size}
          onLeave={leave}
          onPhoto={onPhoto}
          onChat={onChat}
          unread={unread}
          actions={actions}
          onFull={toggleFull}
          full={full}
        />
      )}
    </section>
  );
}

/** Who is shown large: whoever shares a screen, whom the person chose, else the first who is here, with a picture if possible. */
export function mainPerson(
  people: readonly CallPerson[],
  pinned: string | undefined,
): CallPerson | undefined {
  const here = people.filter((p) => p.joined);
  return (
    here.find((p) => p.screen) ??
    here.find((p) => p.participantId === pinned) ??
    here.find((p) => p.video) ??
    here[0]
  );
}

function StageHead({
  call,
  main,
  describe,
}: {
  call: Call;
  main: CallPerson | undefined;
  describe: CallStageProps["describe"];
}) {
  const { t } = useTranslation("call");
  const { label } = useCatalogue();
  const elapsed = useElapsed(call.startedAt);
  return (
    <header className={styles.head}>
      {main && (
        <div>
          <strong className={styles.name}>{main.name}</strong>
          <span className={styles.title}>{describe?.(main) ?? label("roles", main.role)}</span>
        </div>
      )}
      <div className={styles.facts}>
        <time className={styles.elapsed} aria-label={t("elapsed", { time: elapsed })}>
          {elapsed}
        </time>
        {call.phase === "connected" && <QualityPill level={call.level} rates={call.rates} />}
        {main?.audioMuted && (
          <span className={styles.muted}>
            <AudioMutedOutlined aria-hidden /> {t("person.muted")}
          </span>
        )}
        {call.own.screen && <span className={styles.muted}>{t("person.ownScreen")}</span>}
      </div>
    </header>
  );
}

function Person({
  person,
  last,
  onLast,
}: {
  person: CallPerson;
  last: HTMLCanvasElement | undefined;
  onLast: (picture: HTMLCanvasElement) => void;
}) {
  const { t } = useTranslation("call");
  if (person.screen)
    return <Picture stream={person.screen} label={t("person.screenOf", { name: person.name })} />;
  if (person.video) return <Picture stream={person.video} label={person.name} onLast={onLast} />;
  // On a connection that was just made the picture follows in a moment.
  if (!person.videoMuted && last) return <Still picture={last} />;
  return (
    <div className={styles.absent}>
      <UserOutlined className={styles.face} aria-hidden />
      <p>{t("person.noPicture", { name: person.name })}</p>
    </div>
  );
}

/** Nobody is here: who is expected, and the picture at which the line broke off, if it did. */
function Waiting({
  call,
  expected,
  last,
}: {
  call: Call;
  expected: string | undefined;
  last: { of: string; picture: HTMLCanvasElement } | undefined;
}) {
  const { t } = useTranslation("call");
  const lost = call.people.find((p) => !p.joined && p.gone === "lost");
  const left = call.people.find((p) => !p.joined && p.gone === "left");
  const name = lost?.name ?? left?.name ?? expected ?? call.people.find((p) => !p.joined)?.name;
  const held = lost && last?.of === lost.participantId ? last.picture : undefined;
  const words = lost
    ? t("phase.lost", { name })
    : left
      ? t("phase.left", { name })
      : name
        ? t("phase.waitingFor", { name })
        : t("phase.waitingForAnyone");
  return (
    <>
      {held && <Still picture={held} />}
      <div className={held ? `${styles.absent} ${styles.overStill}` : styles.absent}>
        {!held && <UserOutlined className={styles.face} aria-hidden />}
        <p role="status">{words}</p>
        {held && <p className={styles.quietLine}>{t("phase.comesBack")}</p>}
      </div>
    </>
  );
}

/** A picture that does not move, dimmed, so that nobody takes it for the present. */
function Still({ picture }: { picture: HTMLCanvasElement }) {
  const element = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = element.current;
    if (!canvas) return;
    Object.assign(canvas, { width: picture.width, height: picture.height });
    canvas.getContext("2d")?.drawImage(picture, 0, 0);
  }, [picture]);
  return <canvas ref={element} className={styles.still} data-dim aria-hidden />;
}

/** Before and after: being connected, over, refused. */
function Outcome({ call }: { call: Call }) {
  const { t } = useTranslation("call");
  const errorText = useErrorText();
  const { phase } = call;
  if (phase === "idle") return null;
  if (phase === "starting" || phase === "joining") {
    return (
      <div className={styles.absent} role="status">
        <Spin size="large" />
        <p>{t(`phase.${phase}`)}</p>
      </div>
    );
  }
  const error = call.error instanceof SignalError ? call.error.message : call.error && errorText(call.error);
  return (
    <div className={styles.absent} role="alert">
      <h2>{t(`phase.${phase === "elsewhere" ? "elsewhere" : phase === "failed" ? "failed" : "ended"}`)}</h2>
      <p>
        {phase === "elsewhere" && t("phase.elsewhereBody")}
        {phase === "ended" && (error ?? t("phase.endedBody"))}
        {phase === "failed" && error}
      </p>
      {phase !== "ended" && (
        <Button type="primary" onClick={() => void call.again()}>
          {phase === "elsewhere" ? t("phase.takeHere") : t("phase.again")}
        </Button>
      )}
    </div>
  );
}

function useFullScreen(element: { current: HTMLElement | null }): [boolean, () => void] {
  const [full, setFull] = useState(false);
  useEffect(() => {
    const update = () => setFull(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", update);
    return () => document.removeEventListener("fullscreenchange", update);
  }, []);
  const toggle = () => {
    // Some tablets have no full screen for anything but videos.
    if (document.fullscreenElement) void document.exitFullscreen();
    else void element.current?.requestFullscreen?.().catch(() => undefined);
  };
  return [full, toggle];
}
