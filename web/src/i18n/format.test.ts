import { describe, expect, it } from "vitest";
import { createI18n } from ".";
import { createFormat } from "./format";

const zh = createFormat(createI18n("zh-CN"), "zh-CN");
const en = createFormat(createI18n("en"), "en");
// 14:32 in Hohhot, wherever the test runs.
const now = new Date("2025-11-20T06:32:00Z");

describe("instants", () => {
  it("are clock times today, with the day this year, with the year otherwise", () => {
    expect(zh.moment("2025-11-20T06:32:00Z", now)).toBe("14:32");
    expect(zh.moment("2025-11-19T16:30:00Z", now)).toBe("00:30");
    expect(zh.moment("2025-11-19T15:30:00Z", now)).toBe("11月19日 23:30");
    expect(zh.moment("2024-03-05T01:05:00Z", now)).toBe("2024年3月5日 09:05");
    expect(en.moment("2025-11-19T15:30:00Z", now)).toBe("19 Nov 23:30");
    expect(en.moment("2024-03-05T01:05:00Z", now)).toBe("5 Mar 2024 09:05");
  });

  it("are told as long ago", () => {
    const before = (seconds: number) => new Date(now.getTime() - seconds * 1000);
    expect(zh.ago(before(20), now)).toBe("刚刚");
    expect(zh.ago(before(310), now)).toBe("5 分前");
    expect(zh.ago(before(3 * 3600 + 200), now)).toBe("3 小时前");
    expect(en.ago(before(2 * 86400 + 9000), now)).toBe("2 d ago");
  });

  it("have a day with its weekday", () => {
    expect(zh.day("2025-11-21", now)).toBe("11月21日 周五");
    expect(en.day("2025-11-21", now)).toBe("21 Nov Fri");
    expect(zh.day("2026-01-02", now)).toBe("2026年1月2日 周五");
  });
});

describe("lengths of time", () => {
  it("are said in the two largest units", () => {
    expect([0, 59, 200, 3600, 3900, 90_000, -5].map(zh.span)).toEqual([
      "0 秒",
      "59 秒",
      "3 分 20 秒",
      "1 小时",
      "1 小时 5 分",
      "1 天 1 小时",
      "0 秒",
    ]);
    expect(en.span(200)).toBe("3 min 20 s");
  });

  it("run as a clock", () => {
    expect([0, 247, 3847].map(zh.stopwatch)).toEqual(["00:00", "04:07", "1:04:07"]);
  });
});

describe("readings", () => {
  const spo2 = { decimals: 0, unitLabel: "%" };
  it("have a unit, or the word that stands for a value", () => {
    expect(zh.vital({ value: 88 }, spo2)).toBe("88 %");
    expect(zh.vital({ value: 36.5 }, { decimals: 1, unitLabel: "℃" })).toBe("36.5 ℃");
    expect(zh.vital({ qualifier: "UNMEASURABLE" }, spo2)).toBe("测不出");
    expect(en.vital({ qualifier: "HI" }, spo2)).toBe("HI (above range)");
  });

  it("are flagged with an arrow and a word", () => {
    expect(zh.vitalFlag("CRITICAL_LOW")).toEqual({ arrow: "↓↓", word: "过低，危急", critical: true });
    expect(en.vitalFlag("HIGH")).toEqual({ arrow: "↑", word: "high", critical: false });
    expect(zh.vitalFlag("")).toBeUndefined();
  });
});

it("says ages, sexes, sizes", () => {
  expect([zh.age(81), zh.sex("2"), zh.bytes(2_500_000), en.age(81)]).toEqual([
    "81 岁",
    "女",
    "2.4 MB",
    "81 y",
  ]);
});
