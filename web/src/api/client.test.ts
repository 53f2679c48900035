import { describe, expect, it, vi } from "vitest";
import { InstantConnectivity, json, refusal } from "../testing/fakes";
import { createApi, type TokenSource } from "./client";
import { Connectivity } from "./connectivity";
import { ApiError, fieldErrors, NetworkError } from "./errors";
import { call } from "./hooks";

function setup(answers: (Response | Error)[], tokens: Partial<TokenSource> = {}) {
  const requests: Request[] = [];
  const connectivity = new InstantConnectivity();
  const fetcher = vi.fn<typeof fetch>((request) => {
    requests.push(request as Request);
    const answer = answers.shift() ?? new TypeError("nothing more to answer");
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
  const api = createApi({
    tokens: { token: () => "token-1", refresh: () => Promise.resolve("token-2"), ...tokens },
    connectivity,
    language: () => "en",
    fetch: fetcher,
    baseUrl: "http://test.local",
    random: () => 1,
  });
  return { api, requests, connectivity };
}

const lost = () => new TypeError("failed to fetch");

describe("a request", () => {
  it("carries the token and the language", async () => {
    const { api, requests } = setup([json({ waiting: [] })]);
    await call(api, "get", "/api/v1/queue", {});
    expect(requests[0]?.headers.get("Authorization")).toBe("Bearer token-1");
    expect(requests[0]?.headers.get("Accept-Language")).toBe("en");
  });

  it("is sent once more with a new token when its token was refused", async () => {
    const refresh = vi.fn(() => Promise.resolve("token-2"));
    const { api, requests } = setup([refusal(401, "unauthenticated"), json({ id: "u1" })], { refresh });
    await expect(call(api, "get", "/api/v1/me", {})).resolves.toEqual({ id: "u1" });
    expect(refresh).toHaveBeenCalledWith("token-1");
    expect(requests.map((r) => r.headers.get("Authorization"))).toEqual(["Bearer token-1", "Bearer token-2"]);
  });

  it("is not repeated a second time", async () => {
    const { api, requests } = setup([refusal(401, "unauthenticated"), refusal(401, "unauthenticated")]);
    await expect(call(api, "get", "/api/v1/me", {})).rejects.toBeInstanceOf(ApiError);
    expect(requests).toHaveLength(2);
  });

  it("takes a wrong password at signing for an answer, not for a stale token", async () => {
    const refresh = vi.fn(() => Promise.resolve("token-2"));
    const { api } = setup([refusal(401, "wrong_password")], { refresh });
    await expect(
      call(api, "post", "/api/v1/consultations/{id}/report", {
        path: { id: "c1" },
        body: { epoch: 1, revision: 1, password: "x" },
      }),
    ).rejects.toMatchObject({ code: "wrong_password" });
    expect(refresh).not.toHaveBeenCalled();
  });

  it("is refused with the server's sentence and its field errors", async () => {
    const problem = {
      code: "invalid_request",
      message: "有几处需要改一下。",
      requestId: "r1",
      fields: [{ field: "readings/0/value", code: "required", message: "请填写这一项。" }],
    };
    const { api } = setup([json(problem, 422)]);
    const error: unknown = await call(api, "get", "/api/v1/queue", {}).catch((e: unknown) => e);
    expect(error).toMatchObject({ message: "有几处需要改一下。", status: 422 });
    expect(fieldErrors(error)).toEqual([{ name: ["readings", 0, "value"], errors: ["请填写这一项。"] }]);
  });
});

describe("a command that gets no answer", () => {
  const claim = (api: ReturnType<typeof setup>["api"], key: string) =>
    call(
      api,
      "post",
      "/api/v1/consultations/{id}/claim",
      { path: { id: "c1" }, body: { epoch: 3 } },
      { key },
    );

  it("is sent again with the same key and body until it is answered", async () => {
    const { api, requests, connectivity } = setup([lost(), lost(), json({ id: "c1" })]);
    await expect(claim(api, "k1")).resolves.toEqual({ id: "c1" });
    expect(requests.map((r) => r.headers.get("Idempotency-Key"))).toEqual(["k1", "k1", "k1"]);
    expect(await requests[2]?.json()).toEqual({ epoch: 3 });
    expect(connectivity.pauses).toEqual([500, 1000]);
    expect(connectivity.state).toEqual({ reach: "ok", retrying: 0 });
  });

  it("counts a gateway's answer as none", async () => {
    const { api, requests } = setup([new Response("bad gateway", { status: 502 }), json({ id: "c1" })]);
    await claim(api, "k1");
    expect(requests).toHaveLength(2);
  });

  it("takes the server's own refusal for an answer", async () => {
    const { api, requests } = setup([refusal(409, "already_claimed")]);
    await expect(claim(api, "k1")).rejects.toMatchObject({ code: "already_claimed" });
    expect(requests).toHaveLength(1);
  });
});

it("does not repeat what has no key", async () => {
  const { api, requests, connectivity } = setup([lost()]);
  const save = call(api, "put", "/api/v1/urgency-targets", {
    body: { urgency: "URGENT", reportSeconds: 60, revision: 1 },
  });
  await expect(save).rejects.toBeInstanceOf(NetworkError);
  expect(requests).toHaveLength(1);
  expect(connectivity.state.reach).toBe("unreachable");
});

describe("a pause between tries", () => {
  it("ends at once when the device comes back online", async () => {
    vi.useFakeTimers();
    vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
    const connectivity = new Connectivity();
    const paused = connectivity.pause(60_000);
    window.dispatchEvent(new Event("online"));
    await expect(paused).resolves.toBeUndefined();
    expect(connectivity.state.reach).toBe("ok");
    vi.useRealTimers();
  });
});
