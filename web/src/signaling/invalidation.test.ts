import { QueryClient } from "@tanstack/react-query";
import { beforeEach, expect, it } from "vitest";
import { readKey } from "../api/hooks";
import { createEmitter } from "./emitter";
import { connectInvalidation } from "./invalidation";
import type { Events } from "./protocol";
import type { SignalClient } from "./SignalClient";

const query = new QueryClient();
const events = createEmitter<Events>();
const notices = createEmitter<{ missed: undefined }>();
connectInvalidation({ on: events.on, onNotice: notices.on } as unknown as SignalClient, query);

const keys = {
  c1: readKey("/api/v1/consultations/{id}", { path: { id: "c1" } }),
  c2: readKey("/api/v1/consultations/{id}", { path: { id: "c2" } }),
  chat1: readKey("/api/v1/consultations/{id}/messages", { path: { id: "c1" } }),
  queue: readKey("/api/v1/queue"),
  worklist: readKey("/api/v1/worklist"),
  log: readKey("/api/v1/consultations", { query: { limit: 50 } }),
  duty: readKey("/api/v1/duty"),
  catalogue: readKey("/api/v1/catalogue"),
};

beforeEach(() => {
  for (const key of Object.values(keys)) query.setQueryData(key, {});
});

const stale = () =>
  Object.entries(keys)
    .filter(([, key]) => query.getQueryState(key)?.isInvalidated)
    .map(([name]) => name);

it("a changed consultation makes it and the lists stale, not others", () => {
  events.emit("consultation.changed", {
    consultationId: "c1",
    state: "ACCEPTED",
    epoch: 2,
    section: "state",
  });
  expect(stale()).toEqual(["c1", "queue", "worklist", "log", "duty"]);
});

it("a message makes its chat stale", () => {
  events.emit("message.sent", { consultationId: "c1", messageId: "m", senderId: "u" });
  expect(stale()).toEqual(["chat1"]);
});

it("a queue that moved makes the queue stale", () => {
  events.emit("queue.changed", { consultationId: "c2", change: "claimed", urgency: "URGENT" });
  expect(stale()).toEqual(["c2", "queue", "duty"]);
});

it("missed frames make everything stale", () => {
  notices.emit("missed", undefined);
  expect(stale()).toEqual(Object.keys(keys));
});
