import { fireEvent, render, screen } from "@testing-library/react";
import { I18nextProvider } from "react-i18next";
import { describe, expect, it, vi } from "vitest";
import type { Message } from "../api/types";
import { createI18n } from "../i18n";
import { mainPerson } from "./CallStage";
import { addMessage } from "./ChatPanel";
import { helpKey } from "./DeviceHelp";
import type { CallPerson } from "./media/CallEngine";
import { OwnPicture } from "./OwnPicture";
import { Sounds } from "./sound/Sounds";

const person = (id: string, change: Partial<CallPerson> = {}): CallPerson => ({
  participantId: id,
  userId: id,
  name: id,
  role: "NURSE",
  side: "CARE",
  joined: true,
  gone: undefined,
  audioMuted: false,
  videoMuted: false,
  audio: undefined,
  video: undefined,
  screen: undefined,
  ...change,
});
const picture = {} as MediaStream;

it("the large picture is a shared screen, else whom the person chose, else the first with a picture", () => {
  const plain = person("plain");
  const seen = person("seen", { video: picture });
  const away = person("away", { joined: false });
  const shows = (people: CallPerson[], pinned?: string) => mainPerson(people, pinned)?.participantId;
  expect(shows([away])).toBeUndefined();
  expect(shows([away, plain])).toBe("plain");
  expect(shows([plain, seen])).toBe("seen");
  expect(shows([plain, seen], "plain")).toBe("plain");
  expect(shows([plain, seen], "away")).toBe("seen");
  expect(shows([plain, seen, person("shares", { screen: picture })], "plain")).toBe("shares");
});

it("a message that came twice stands once", () => {
  const message = { id: "m1" } as Message;
  expect(addMessage(addMessage(undefined, message), message)).toEqual([message]);
});

it("help with a refused device depends on the browser", () => {
  const ipad =
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15";
  expect(helpKey("denied", ipad, 5)).toBe("deniedIos");
  expect(helpKey("denied", ipad, 0)).toBe("denied");
  expect(helpKey("denied", "Mozilla/5.0 (Linux; Android 14)", 5)).toBe("deniedAndroid");
  expect(helpKey("busy", ipad, 5)).toBe("busy");
});

describe("the own picture", () => {
  function show() {
    const onSwap = vi.fn<() => void>();
    render(
      <I18nextProvider i18n={createI18n("zh-CN")}>
        <OwnPicture stream={undefined} mirrored muted={false} label="我" onSwap={onSwap} />
      </I18nextProvider>,
    );
    const button = screen.getByRole("button", { name: /我的画面/ });
    button.setPointerCapture = () => undefined;
    return { button, onSwap };
  }

  it("swaps with a press, and moves with the arrow keys", () => {
    const { button, onSwap } = show();
    expect(button.dataset.corner).toBe("top-right");
    fireEvent.keyDown(button, { key: "ArrowDown" });
    fireEvent.keyDown(button, { key: "ArrowLeft" });
    expect(button.dataset.corner).toBe("bottom-left");
    fireEvent.click(button);
    expect(onSwap).toHaveBeenCalledTimes(1);
  });

  it("goes to the corner it is dragged to, without swapping", () => {
    const { button, onSwap } = show();
    const stage = { getBoundingClientRect: () => ({ left: 0, top: 0, width: 800, height: 600 }) };
    Object.defineProperty(button, "offsetParent", { value: stage });
    fireEvent.pointerDown(button, { clientX: 700, clientY: 50 });
    fireEvent.pointerMove(button, { clientX: 300, clientY: 400 });
    fireEvent.pointerUp(button, { clientX: 100, clientY: 500 });
    fireEvent.click(button);
    expect(button.dataset.corner).toBe("bottom-left");
    expect(onSwap).not.toHaveBeenCalled();
  });
});

describe("sounds", () => {
  function setup() {
    const started: number[] = [];
    const node = () => ({
      frequency: { value: 0 },
      gain: {
        setValueAtTime: () => undefined,
        linearRampToValueAtTime: () => undefined,
        exponentialRampToValueAtTime: () => undefined,
      },
      connect: (to: unknown) => to,
      start: (at: number) => started.push(at),
      stop: () => undefined,
    });
    const context = {
      state: "suspended",
      currentTime: 0,
      destination: {},
      createOscillator: node,
      createGain: node,
      resume: () => {
        context.state = "running";
        return Promise.resolve();
      },
    };
    const target = new EventTarget();
    const sounds = new Sounds(() => context as unknown as AudioContext, target as Document);
    return { sounds, started, target };
  }

  it("are silent until the first press anywhere, then a ring that began before is heard until it stops", async () => {
    vi.useFakeTimers();
    const { sounds, started, target } = setup();
    sounds.ring();
    sounds.ring();
    vi.advanceTimersByTime(3000);
    expect(started).toHaveLength(0);
    target.dispatchEvent(new Event("pointerdown"));
    await vi.waitFor(() => expect(sounds.unlocked()).toBe(true));
    vi.advanceTimersByTime(3000);
    expect(started).toHaveLength(4);
    sounds.stop();
    vi.advanceTimersByTime(30_000);
    expect(started).toHaveLength(4);
    vi.useRealTimers();
  });
});
