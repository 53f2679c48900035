import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { beforeEach, expect, it, vi } from "vitest";
import { readKey } from "../api/hooks";
import { createEmitter } from "./emitter";
import { connectInvalidation } from "./invalidation";
import type { Events } from "./protocol";
import type { SignalClient } from "./SignalClient";

const query = new QueryClient();
const events = createEmitter<Events>();
const notices = createEmitter<{ welcome: undefined }>();
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

it("a fresh session makes stale what events speak of, a further one everything", async () => {
  notices.emit("welcome", undefined);
  await vi.waitFor(() => expect(stale()).toEqual(["c1", "c2", "chat1", "queue", "worklist", "log", "duty"]));
  notices.emit("welcome", undefined);
  await vi.waitFor(() => expect(stale()).toEqual(Object.keys(keys)));
});

it("a read that was under way when the session began is begun again", async () => {
  const queryKey = readKey("/api/v1/queue");
  query.removeQueries({ queryKey });
  const answers: ((queue: string) => void)[] = [];
  const observer = new QueryObserver(query, {
    queryKey,
    queryFn: () => new Promise<string>((resolve) => answers.push(resolve)),
  });
  const seen: unknown[] = [];
  const stop = observer.subscribe(({ data, error }) => seen.push(error ?? data));
  notices.emit("welcome", undefined);
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[0]?.("before");
  answers[1]?.("after");
  await vi.waitFor(() => expect(seen.at(-1)).toBe("after"));
  expect(seen).not.toContain("before");
  stop();
});
