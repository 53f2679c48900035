import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { aGrant, aPerson, InstantConnectivity, json, refusal } from "../testing/fakes";
import { Session } from "./Session";

/** A channel between the tabs of a test. */
class Channel {
  #listeners: ((event: MessageEvent) => void)[] = [];
  sent: unknown[] = [];
  postMessage(data: unknown) {
    this.sent.push(data);
  }
  addEventListener(_: string, listener: unknown) {
    this.#listeners.push(listener as (event: MessageEvent) => void);
  }
  hear(data: unknown) {
    for (const listener of this.#listeners) listener(new MessageEvent("message", { data }));
  }
}

function setup(answer: () => Response | Promise<Response>) {
  const fetcher = vi.fn<typeof fetch>(() => Promise.resolve().then(answer));
  const channel = new Channel();
  const connectivity = new InstantConnectivity();
  const session = new Session({
    connectivity,
    language: () => "zh-CN",
    now: () => Date.UTC(2026, 0, 1, 8, 0, 0),
    fetch: fetcher,
    channel,
    random: () => 0,
  });
  return { session, fetcher, channel, connectivity };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a refresh", () => {
  it("is done once for all who ask", async () => {
    let n = 1;
    const { session, fetcher } = setup(() => json(aGrant(n++)));
    await session.restore();
    const tokens = await Promise.all([1, 2, 3].map(() => session.refresh("token-1")));
    expect(tokens).toEqual(["token-2", "token-2", "token-2"]);
    expect(fetcher).toHaveBeenCalledTimes(2);
  });

  it("is not needed by somebody who still had the former token", async () => {
    const { session, fetcher } = setup(() => json(aGrant(2)));
    await session.restore();
    await expect(session.refresh("token-1")).resolves.toBe("token-2");
    expect(fetcher).toHaveBeenCalledTimes(1);
  });

  it("takes what another tab has got meanwhile", async () => {
    const { session, fetcher, channel } = setup(() => json(aGrant(1)));
    await session.restore();
    channel.hear({ type: "granted", grant: aGrant(5) });
    expect(session.token()).toBe("token-5");
    await expect(session.refresh("token-1")).resolves.toBe("token-5");
    expect(fetcher).toHaveBeenCalledTimes(1);
  });

  it("tells the other tabs and the socket", async () => {
    const { session, channel } = setup(() => json(aGrant(1)));
    const heard = vi.fn();
    session.onToken(heard);
    await session.restore();
    expect(heard).toHaveBeenCalledWith("token-1");
    expect(channel.sent).toEqual([{ type: "granted", grant: aGrant(1) }]);
  });

  it("is done by itself before the token ends", async () => {
    let n = 1;
    const { session } = setup(() => json(aGrant(n++)));
    await session.restore();
    await vi.advanceTimersByTimeAsync(600_000 - 30_000);
    expect(session.token()).toBe("token-2");
  });

  it("that is refused ends the sign-in", async () => {
    const answers = [json(aGrant(1)), refusal(401, "unauthenticated")];
    const { session } = setup(() => answers.shift()!);
    await session.restore();
    await expect(session.refresh("token-1")).resolves.toBeUndefined();
    expect(session.snapshot()).toEqual({ phase: "signedOut", reason: "expired" });
  });

  it("that gets no answer keeps it", async () => {
    const answers: (() => Response)[] = [
      () => json(aGrant(1)),
      () => {
        throw new TypeError("failed to fetch");
      },
    ];
    const { session } = setup(() => answers.shift()!());
    await session.restore();
    await expect(session.refresh("token-1")).rejects.toThrow("no answer");
    expect(session.snapshot().phase).toBe("signedIn");
  });
});

it("restores when the server comes back", async () => {
  const answers: (() => Response)[] = [
    () => {
      throw new TypeError("failed to fetch");
    },
    () => refusal(503, "unavailable"),
    () => json(aGrant(1)),
  ];
  const { session, connectivity } = setup(() => answers.shift()!());
  await session.restore();
  expect(session.snapshot()).toEqual({ phase: "signedIn", me: aPerson() });
  expect(connectivity.pauses).toHaveLength(2);
});

it("signs out here and in the other tabs, also without the server", async () => {
  const answers: (() => Response)[] = [
    () => json(aGrant(1)),
    () => {
      throw new TypeError("failed to fetch");
    },
  ];
  const { session, channel } = setup(() => answers.shift()!());
  await session.restore();
  await session.logout();
  expect(session.snapshot().phase).toBe("signedOut");
  expect(channel.sent.at(-1)).toEqual({ type: "signedOut" });
});
