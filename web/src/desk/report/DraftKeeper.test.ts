import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, NetworkError, type Schemas } from "../../api";
import { DraftKeeper } from "./DraftKeeper";
import { merge, type ReportContent, tidy } from "./merge";

type ReportDraft = Schemas["ReportDraft"];

const refused = (code: string) => new ApiError(409, { code, message: code, requestId: "r" });
const draft = (revision: number, content: ReportContent): ReportDraft => ({
  revision,
  content,
  updatedAt: "2026-11-20T06:03:00Z",
  gaps: [],
});

/** A server with one draft, which another page may change and a network may fail. */
function server(initial?: ReportDraft) {
  let now = initial;
  const failures: Error[] = [];
  return {
    get draft() {
      return now;
    },
    fail: (error: Error) => failures.push(error),
    /** what another page saves */
    elsewhere: (content: ReportContent) => {
      now = draft((now?.revision ?? 0) + 1, content);
    },
    save: vi.fn((revision: number, content: ReportContent) => {
      const failure = failures.shift();
      if (failure) return Promise.reject(failure);
      if (revision !== (now?.revision ?? 0)) return Promise.reject(refused("revision_stale"));
      now = draft(revision + 1, content);
      return Promise.resolve(now);
    }),
    reload: () => Promise.resolve(now),
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("DraftKeeper", () => {
  it("saves two seconds after the last key, once", async () => {
    const s = server();
    const keeper = new DraftKeeper(s, undefined);
    keeper.change({ assessment: "发" });
    await vi.advanceTimersByTimeAsync(1500);
    keeper.change({ assessment: "发热" });
    await vi.advanceTimersByTimeAsync(1999);
    expect(s.save).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(s.save).toHaveBeenCalledExactlyOnceWith(0, { assessment: "发热" });
    expect(keeper.snapshot()).toMatchObject({ revision: 1, status: { phase: "saved" } });
  });

  it("sends what was typed while a save was on its way", async () => {
    const s = server();
    const keeper = new DraftKeeper(s, undefined);
    const save = s.save.getMockImplementation()!;
    s.save.mockImplementationOnce((revision, content) => {
      keeper.change({ assessment: "发热" });
      return save(revision, content);
    });
    keeper.change({ assessment: "发" });
    await keeper.flush();
    expect(s.draft?.content.assessment).toBe("发");
    expect(keeper.snapshot().content.assessment).toBe("发热");
    await vi.advanceTimersByTimeAsync(2000);
    expect(s.draft).toMatchObject({ revision: 2, content: { assessment: "发热" } });
  });

  it("keeps the doctor's text when another page wrote the same field, until the doctor decides", async () => {
    const s = server(draft(1, { assessment: "原文" }));
    const keeper = new DraftKeeper(s, s.draft);
    s.elsewhere({ assessment: "别处写的" });
    keeper.change({ assessment: "这里写的" });
    await vi.advanceTimersByTimeAsync(2000);
    expect(keeper.snapshot()).toMatchObject({
      content: { assessment: "这里写的" },
      status: { phase: "conflict", theirs: { assessment: "别处写的" } },
    });
    expect(s.draft?.content.assessment).toBe("别处写的");
    keeper.change({ assessment: "这里又写了" });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(s.draft?.content.assessment).toBe("别处写的");

    await keeper.resolve("mine");
    expect(s.draft?.content.assessment).toBe("这里又写了");
    expect(keeper.snapshot().status.phase).toBe("saved");
  });

  it("takes the other page's text when the doctor wants it", async () => {
    const s = server(draft(1, { assessment: "原文", note: "记" }));
    const keeper = new DraftKeeper(s, s.draft);
    s.elsewhere({ assessment: "别处写的", note: "记" });
    keeper.change({ assessment: "这里写的" });
    await vi.advanceTimersByTimeAsync(2000);
    await keeper.resolve("theirs");
    expect(keeper.snapshot().content.assessment).toBe("别处写的");
    expect(s.draft?.content).toEqual({ assessment: "别处写的", note: "记" });
  });

  it("brings different fields of two pages together without asking", async () => {
    const s = server(draft(1, { assessment: "原文" }));
    const keeper = new DraftKeeper(s, s.draft);
    s.elsewhere({ assessment: "原文", note: "别处的记录" });
    keeper.change({ assessment: "这里写的" });
    await vi.advanceTimersByTimeAsync(2000);
    expect(s.draft).toMatchObject({
      revision: 3,
      content: { assessment: "这里写的", note: "别处的记录" },
    });
    expect(keeper.snapshot().content.note).toBe("别处的记录");
  });

  it("takes its own lost save for what it is", async () => {
    const s = server();
    const keeper = new DraftKeeper(s, undefined);
    s.elsewhere({ assessment: "发热" }); // the answer to it was lost
    keeper.change({ assessment: "发热" });
    await vi.advanceTimersByTimeAsync(2000);
    expect(keeper.snapshot()).toMatchObject({ revision: 1, status: { phase: "saved" } });
    expect(s.draft?.revision).toBe(1);
  });

  it("tries again by itself when nobody answers", async () => {
    const s = server();
    s.fail(new NetworkError());
    const keeper = new DraftKeeper(s, undefined);
    keeper.change({ assessment: "发热" });
    await vi.advanceTimersByTimeAsync(2000);
    expect(keeper.snapshot().status.phase).toBe("retrying");
    await vi.advanceTimersByTimeAsync(5000);
    expect(keeper.snapshot().status.phase).toBe("saved");
  });

  it("ends when the consultation has changed hands, with the text still there", async () => {
    const s = server();
    s.fail(refused("epoch_stale"));
    const keeper = new DraftKeeper(s, undefined);
    keeper.change({ assessment: "发热" });
    await vi.advanceTimersByTimeAsync(2000);
    expect(keeper.snapshot()).toMatchObject({
      content: { assessment: "发热" },
      status: { phase: "lost" },
    });
  });

  it("follows the server while nothing here is unsaved", () => {
    const keeper = new DraftKeeper(server(), draft(1, { assessment: "一" }));
    keeper.saw(draft(2, { assessment: "二" }));
    expect(keeper.snapshot().content.assessment).toBe("二");
    keeper.change({ assessment: "三" });
    keeper.saw(draft(3, { assessment: "四" }));
    expect(keeper.snapshot().content.assessment).toBe("三");
  });
});

describe("merge", () => {
  it("names the fields that both sides changed", () => {
    const base = { assessment: "a", limits: "l" };
    const { content, clashes } = merge(base, { assessment: "b", limits: "l" }, { assessment: "c" });
    expect(clashes).toEqual(["assessment"]);
    expect(content).toEqual({ assessment: "b" });
  });
});

describe("tidy", () => {
  it("leaves out what the contract would refuse", () => {
    expect(tidy({ assessment: "", diagnoses: [{ text: " " }], advice: [] })).toEqual({});
  });
});
