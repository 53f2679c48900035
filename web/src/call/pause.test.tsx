import { render, screen } from "@testing-library/react";
import { I18nextProvider } from "react-i18next";
import { describe, expect, it } from "vitest";
import type { Consultation, Participant } from "../api/types";
import { type Services, ServicesProvider } from "../app/services";
import { ServerClock } from "../clock/ServerClock";
import { createI18n, type Language } from "../i18n";
import { pauseOf } from "./pause";
import { usePauseWords } from "./usePauseWords";

const lost = "2026-11-22T06:00:00Z";
const nurse: Participant = {
  id: "p1",
  userId: "u1",
  name: "李护士",
  role: "NURSE",
  side: "CARE",
  connected: false,
  firstJoinedAt: lost,
};
const doctor: Participant = {
  id: "p2",
  userId: "u2",
  name: "王医生",
  role: "CONSULTANT",
  side: "MEDICAL",
  connected: true,
  firstJoinedAt: lost,
};
type Case = Pick<Consultation, "id" | "pausedSince" | "state" | "participants">;
const paused: Case = { id: "c1", pausedSince: lost, state: "IN_PROGRESS", participants: [nurse, doctor] };

describe("a pause", () => {
  it("is none while the consultation goes on", () => {
    expect(pauseOf({ state: "IN_PROGRESS", participants: [nurse, doctor] })).toBeUndefined();
  });

  it("keeps the seat for three minutes, and can be resumed for fifteen", () => {
    expect(pauseOf(paused)).toEqual({
      since: new Date(lost),
      until: new Date("2026-11-22T06:03:00Z"),
      late: false,
      missing: ["CARE"],
      people: [nurse],
    });
    expect(pauseOf({ ...paused, state: "ABORTED_TECH" })).toMatchObject({
      until: new Date("2026-11-22T06:15:00Z"),
      late: true,
    });
  });
});

interface Shown {
  c?: Case;
  own: "CARE" | "MEDICAL";
  /** seconds since the loss, by the server's clock */
  after: number;
  inCall?: boolean;
  /** what this page saw of the nurse */
  gone?: "lost" | "left";
  language?: Language;
}

function Words({ c, own }: { c: Case; own: "CARE" | "MEDICAL" }) {
  const pause = usePauseWords(c, own);
  return <p data-testid="words">{pause && `${pause.time}|${pause.who}`}</p>;
}

function words({ c = paused, own, after, inCall = true, gone = "lost", language = "zh-CN" }: Shown): string {
  const nothing = () => () => undefined;
  const services = {
    // The device's own clock is ten minutes behind: nobody counts on it.
    clock: new ServerClock(() => Date.parse(lost) - 600_000),
    call: {
      active: inCall,
      subscribe: nothing,
      snapshot: () => still,
      local: { subscribe: nothing, snapshot: () => still },
    },
  } as unknown as Services;
  const still = { consultationId: "c1", people: [{ participantId: "p1", gone }] };
  services.clock.sample(new Date(Date.parse(lost) + after * 1000).toISOString(), 0);
  const view = render(
    <ServicesProvider value={services}>
      <I18nextProvider i18n={createI18n(language)}>
        <Words c={c} own={own} />
      </I18nextProvider>
    </ServicesProvider>,
  );
  const text = screen.getByTestId("words").textContent;
  view.unmount();
  return text;
}

describe("the words of a pause", () => {
  it("give both sides the same time, and each side who is missing", () => {
    expect(words({ own: "MEDICAL", after: 41 })).toBe(
      "已暂停 00:41，座位保留到 14:03|李护士的连接断了，正在等对方回来，不用操作。",
    );
    expect(words({ own: "CARE", after: 41 })).toBe(
      "已暂停 00:41，座位保留到 14:03|您的连接断了，正在自动恢复。",
    );
    expect(words({ own: "CARE", after: 41, inCall: false })).toBe(
      "已暂停 00:41，座位保留到 14:03|您不在通话里。",
    );
    expect(words({ own: "MEDICAL", after: 41, language: "en" })).toBe(
      "Paused 00:41, seat kept until 14:03|李护士 lost the connection and is expected back. There is nothing to do.",
    );
  });

  it("say after three minutes until when it can go on, and how", () => {
    const c: Case = { ...paused, state: "ABORTED_TECH" };
    expect(words({ c, own: "MEDICAL", after: 250, inCall: false })).toBe(
      "已中断 04:10|李护士不在通话里，正在等对方回来。 14:15 前点一下就能继续会诊，病例和记录都在。",
    );
    expect(words({ c, own: "MEDICAL", after: 901 })).toContain("恢复时间已过");
  });

  it("tell a person who left from one who was lost", () => {
    expect(words({ own: "MEDICAL", after: 5, gone: "left" })).toContain("李护士暂时离开了");
  });

  it("know when both are gone", () => {
    const c = { ...paused, participants: [nurse, { ...doctor, connected: false }] };
    expect(words({ c, own: "MEDICAL", after: 5 })).toContain("双方的连接都断了");
    expect(words({ c, own: "CARE", after: 5, inCall: false })).toContain("双方都不在通话里");
  });
});
