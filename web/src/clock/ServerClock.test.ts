import { expect, it } from "vitest";
import { ServerClock } from "./ServerClock";

const at = (ms: number) => new Date(ms).toISOString();

it("takes a reply's time for the middle of its round trip", () => {
  const clock = new ServerClock(() => 1_000_000);
  clock.sample(at(1_060_000), 200);
  expect(clock.now()).toBe(1_060_100);
});

it("prefers the quickest reply", () => {
  const clock = new ServerClock(() => 1_000_000);
  clock.sample(at(1_060_000), 20);
  clock.sample(at(1_059_000), 3000);
  expect(clock.now()).toBe(1_060_010);
});

it("starts anew when the device's own clock was set", () => {
  let device = 1_000_000;
  const clock = new ServerClock(() => device);
  clock.sample(at(1_060_000), 20);
  device += 600_000;
  clock.sample(at(1_061_000), 400);
  expect(clock.now()).toBe(1_061_200);
});

it("ignores what is no time", () => {
  const clock = new ServerClock(() => 5);
  clock.sample("soon", 10);
  expect(clock.now()).toBe(5);
});
