import {
  type QueryClient,
  type QueryKey,
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";
import { useRef } from "react";
import { useServices } from "../app/services";
import { type Api, idempotencyHeader } from "./client";
import { NetworkError } from "./errors";
import type { paths } from "./schema";
import { toError } from "./transport";
import type { Consultation } from "./types";

type Method = "get" | "put" | "post" | "delete" | "patch";
type Operation<P extends keyof paths, M extends Method> = NonNullable<paths[P][M]>;
/** Paths that have an operation for the method. */
export type PathWith<M extends Method> = {
  [P in keyof paths]: paths[P] extends { [K in M]: { responses: unknown } } ? P : never;
}[keyof paths];

type Json<R> = R extends { content: { "application/json": infer T } } ? T : undefined;
/** The body of the success response; of both, where what was asked for may also wait for somebody. */
export type Data<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { responses: infer R }
    ? R extends { 200: infer S }
      ? Json<S>
      : R extends { 201: infer S; 202: infer W }
        ? Json<S> | Json<W>
        : R extends { 201: infer S }
          ? Json<S>
          : undefined
    : never;

type PathInput<O> = O extends { parameters: { path: infer T extends object } }
  ? { path: T }
  : { path?: undefined };
type QueryInput<O> = O extends { parameters: { query: infer T extends object } }
  ? { query: T }
  : O extends { parameters: { query?: infer T } }
    ? [T] extends [undefined]
      ? { query?: undefined }
      : { query?: T }
    : { query?: undefined };
type BodyInput<O> = O extends { requestBody: { content: { "application/json": infer T } } }
  ? { body: T }
  : O extends { requestBody: { content: { "application/octet-stream": unknown } } }
    ? { body: Blob }
    : { body?: undefined };
/** What a call of an operation needs: `path`, `query` and `body` as the contract says. */
export type Input<P extends keyof paths, M extends Method> = InputOf<Operation<P, M>>;
// One operation at a time: the three parts of all operations at once would be multiplied with one another.
type InputOf<O> = O extends unknown ? PathInput<O> & QueryInput<O> & BodyInput<O> : never;

interface LooseInput {
  path?: Record<string, unknown> | undefined;
  query?: Record<string, unknown> | undefined;
  body?: unknown;
}

interface LooseRequest {
  request: (
    method: string,
    path: string,
    init: object,
  ) => Promise<{ data?: unknown; response: Response; error?: unknown }>;
}

/**
 * Calls an operation and returns the body of its success response.
 *
 * @param key the idempotency key of a command
 * @param act when it was written down on this device, RFC 3339, of a command of the device's log
 * @throws ApiError for a refusal, NetworkError for no answer
 */
export async function call<P extends keyof paths, M extends Method>(
  api: Api,
  method: M,
  path: P,
  input: Input<P, M>,
  options: { key?: string; act?: string; signal?: AbortSignal } = {},
): Promise<Data<P, M>> {
  const { path: pathParams, query, body }: LooseInput = input;
  const raw = body instanceof Blob;
  // The types were checked against this operation above; openapi-fetch could only check them against a known one.
  const loose = api as unknown as LooseRequest;
  const { data, error, response } = await loose.request(method, path, {
    params: { path: pathParams, query },
    ...(body === undefined ? {} : { body }),
    ...(raw ? { bodySerializer: (blob: Blob) => blob } : {}),
    headers: {
      ...(raw ? { "Content-Type": "application/octet-stream" } : {}),
      ...(options.key ? { [idempotencyHeader]: options.key } : {}),
      ...(options.act ? { "Lianzhen-Act": options.act } : {}),
    },
    ...(options.signal ? { signal: options.signal } : {}),
  });
  if (!response.ok) throw toError(response.status, error);
  return data as Data<P, M>;
}

/** The cache key of a read: its path, then its parameters. Invalidate `[path]` for all parameters. */
export function readKey<P extends PathWith<"get">>(path: P, input?: Partial<Input<P, "get">>): QueryKey {
  const { path: pathParams, query }: LooseInput = (input ?? {}) as LooseInput;
  if (!pathParams && !query) return [path];
  return [path, { ...pathParams, ...query }];
}

type OptionalInput<P extends keyof paths, M extends Method> =
  object extends Input<P, M> ? [input?: Input<P, M>] : [input: Input<P, M>];

export interface ReadOptions {
  /** false: do not read yet */
  enabled?: boolean;
  /** ms; most reads need none, because events tell of changes */
  refetchInterval?: number | false;
  /** ms during which the cached answer is taken as it is */
  staleTime?: number;
  /** keep showing the answer for the previous parameters while the next is read */
  keepPrevious?: boolean;
}

/**
 * Reads from the contract and keeps the answer fresh: events of the signaling socket invalidate it (see
 * signaling/invalidation.ts).
 *
 *     const queue = useRead("/api/v1/queue");
 *     const one = useRead("/api/v1/consultations/{id}", { path: { id } });
 *     const page = useRead("/api/v1/consultations", { query: { limit: 50 } }, { keepPrevious: true });
 */
export function useRead<P extends PathWith<"get">>(
  path: P,
  ...rest: [...OptionalInput<P, "get">, options?: ReadOptions]
): UseQueryResult<Data<P, "get">, Error> {
  const { api, offline } = useServices();
  const input = (rest[0] ?? {}) as Input<P, "get">;
  const { keepPrevious, ...options } = (rest[1] ?? {}) as ReadOptions;
  const queryKey = readKey(path, input);
  return useQuery<unknown, Error>({
    queryKey,
    queryFn: ({ signal }) => offline.answer(queryKey, () => call(api, "get", path, input, { signal })),
    ...options,
    ...(keepPrevious ? { placeholderData: (previous: unknown) => previous } : {}),
  }) as UseQueryResult<Data<P, "get">, Error>;
}

export interface CommandOptions<P extends keyof paths, M extends Method> {
  onSuccess?: (data: Data<P, M>, input: Input<P, M>) => void;
  onError?: (error: Error, input: Input<P, M>) => void;
}

/**
 * Carries out a command. It gets an idempotency key of its own, which is kept while the network fails and also when the
 * person presses again with the same input, so that nothing happens twice. A consultation in the answer goes straight
 * into the cache.
 *
 *     const claim = useCommand("post", "/api/v1/consultations/{id}/claim");
 *     claim.mutate({ path: { id }, body: { epoch } });
 */
export function useCommand<M extends Exclude<Method, "get">, P extends PathWith<M>>(
  method: M,
  path: P,
  options: CommandOptions<P, M> = {},
): UseMutationResult<Data<P, M>, Error, Input<P, M>> {
  const { api } = useServices();
  const client = useQueryClient();
  const unanswered = useRef<{ input: string; key: string } | null>(null);
  return useMutation<Data<P, M>, Error, Input<P, M>>({
    mutationFn: async (input) => {
      const text = JSON.stringify(input);
      const { body }: LooseInput = input;
      const repeats = !(body instanceof Blob) && unanswered.current?.input === text;
      const key = repeats && unanswered.current ? unanswered.current.key : crypto.randomUUID();
      try {
        // A key on an operation without one is harmless, but only where repeating is: POST commands all take one.
        const data = await call(api, method, path, input, method === "post" ? { key } : {});
        unanswered.current = null;
        return data;
      } catch (error) {
        unanswered.current = error instanceof NetworkError ? { input: text, key } : null;
        throw error;
      }
    },
    onSuccess: (data, input) => {
      if (isConsultation(data)) storeConsultation(client, data);
      options.onSuccess?.(data, input);
    },
    onError: (error, input) => options.onError?.(error, input),
  });
}

function isConsultation(data: unknown): data is Consultation {
  return (
    typeof data === "object" && data !== null && "serial" in data && "actions" in data && "timeline" in data
  );
}

/** Puts a consultation that came with an answer into the cache. */
export function storeConsultation(client: QueryClient, consultation: Consultation): void {
  client.setQueryData(
    readKey("/api/v1/consultations/{id}", { path: { id: consultation.id } }),
    (known: Consultation | undefined) =>
      // An event may have brought a newer one while the answer was on its way.
      known && known.serverTime > consultation.serverTime ? known : consultation,
  );
}
