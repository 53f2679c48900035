import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { Blob as NodeBlob } from "node:buffer";
import { describe, expect, it, vi } from "vitest";
import { type Services, ServicesProvider } from "../app/services";
import { emptyDevice, InstantConnectivity, json } from "../testing/fakes";
import { createApi } from "./client";
import { readKey, useCommand, useRead } from "./hooks";

function setup(answers: (Response | Error)[]) {
  const requests: Request[] = [];
  const api = createApi({
    tokens: { token: () => "t", refresh: () => Promise.resolve(undefined) },
    connectivity: new InstantConnectivity(),
    language: () => "zh-CN",
    fetch: (request) => {
      requests.push(request as Request);
      const answer = answers.shift() ?? new TypeError("no answer");
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    baseUrl: "http://test.local",
    patience: 0,
  });
  const query = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const services = { api, query, offline: emptyDevice() } as unknown as Services;
  const wrapper = ({ children }: { children: ReactNode }) => (
    <ServicesProvider value={services}>
      <QueryClientProvider client={query}>{children}</QueryClientProvider>
    </ServicesProvider>
  );
  const keys = () => requests.map((r) => r.headers.get("Idempotency-Key"));
  return { wrapper, requests, query, keys };
}

const consultation = (serverTime: string) => ({
  id: "c1",
  serial: "S1",
  actions: [],
  timeline: [],
  serverTime,
});

describe("a command", () => {
  const claim = { path: { id: "c1" }, body: { epoch: 1 } };
  const useClaim = () => useCommand("post", "/api/v1/consultations/{id}/claim");

  it("keeps its key when the person presses again after the network failed, and takes a new one afterwards", async () => {
    const lost = () => new TypeError("failed to fetch");
    const { wrapper, keys } = setup([lost(), json(consultation("1")), json(consultation("2"))]);
    const { result } = renderHook(useClaim, { wrapper });
    for (const outcome of ["isError", "isSuccess", "isSuccess"] as const) {
      act(() => result.current.mutate(claim));
      await waitFor(() => expect(result.current[outcome] && !result.current.isPending).toBe(true));
    }
    const [first, second, third] = keys();
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it("puts the consultation of its answer into the cache, unless a newer one is there", async () => {
    const { wrapper, query } = setup([
      json(consultation("2026-01-01T00:00:01Z")),
      json(consultation("2026-01-01T00:00:00Z")),
    ]);
    const { result } = renderHook(useClaim, { wrapper });
    const cached = () => query.getQueryData(readKey("/api/v1/consultations/{id}", { path: { id: "c1" } }));
    await act(() => result.current.mutateAsync(claim));
    expect(cached()).toMatchObject({ serverTime: "2026-01-01T00:00:01Z" });
    await act(() => result.current.mutateAsync(claim));
    expect(cached()).toMatchObject({ serverTime: "2026-01-01T00:00:01Z" });
  });

  it("sends a picture as it is", async () => {
    // jsdom's Blob is not known to Node's Request.
    vi.stubGlobal("Blob", NodeBlob);
    const { wrapper, requests } = setup([json({ id: "a1" }, 201)]);
    const { result } = renderHook(() => useCommand("post", "/api/v1/consultations/{id}/photos"), { wrapper });
    await act(() => result.current.mutateAsync({ path: { id: "c1" }, body: new Blob(["jpeg"]) }));
    expect(requests[0]?.url).toBe("http://test.local/api/v1/consultations/c1/photos");
    expect(requests[0]?.headers.get("Content-Type")).toBe("application/octet-stream");
    expect(await requests[0]?.text()).toBe("jpeg");
    vi.unstubAllGlobals();
  });
});

it("a read fills in path and query", async () => {
  const { wrapper, requests } = setup([json({ rows: [], total: 0 })]);
  const { result } = renderHook(
    () => useRead("/api/v1/consultations", { query: { limit: 20, state: ["DRAFT", "WAITING"] } }),
    { wrapper },
  );
  await waitFor(() => expect(result.current.data).toEqual({ rows: [], total: 0 }));
  expect(decodeURIComponent(requests[0]?.url ?? "")).toBe(
    "http://test.local/api/v1/consultations?limit=20&state=DRAFT&state=WAITING",
  );
});
