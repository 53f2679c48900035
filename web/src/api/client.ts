import createClient, { type Client } from "openapi-fetch";
import type { Language } from "../i18n";
import type { Connectivity } from "./connectivity";
import { isProblem, NetworkError } from "./errors";
import type { paths } from "./schema";
import { send } from "./transport";

/** The typed client of the contract. Screens use the hooks of hooks.ts, which throw errors and keep caches. */
export type Api = Client<paths>;

/** Where the access token comes from. */
export interface TokenSource {
  /** The present access token, if any. */
  token: () => string | undefined;
  /** Gets a newer token than the given one, once for all who ask; undefined when signed out. Throws NetworkError. */
  refresh: (stale: string) => Promise<string | undefined>;
  /** A first token where only the device has said who is signed in. Throws NetworkError. */
  wake?: () => Promise<string | undefined>;
}

export interface ApiOptions {
  tokens: TokenSource;
  connectivity: Connectivity;
  language: () => Language;
  fetch?: typeof fetch;
  baseUrl?: string;
  /** ms for which a command without an answer is tried again */
  patience?: number;
  random?: () => number;
}

/** The header that makes a command safe to repeat. */
export const idempotencyHeader = "Idempotency-Key";

/** Refusals that a new access token cures. Others with status 401, such as a wrong password at signing, are answers. */
const staleToken = new Set(["unauthenticated", "token_expired"]);

/**
 * Makes the client. Each request carries the access token and the language. A request that is refused for its token is
 * sent once more with a new one. A command with an idempotency key that gets no answer is sent again with the same key,
 * after 0.5, 1, 2, 4 … 8 s (with jitter, at once when the device comes online) until `patience` is used up.
 */
export function createApi(options: ApiOptions): Api {
  const { tokens, connectivity, language, patience = 90_000, random = Math.random } = options;
  const fetcher: typeof fetch = options.fetch ?? ((...args) => fetch(...args));

  const authorised = async (request: Request): Promise<Response> => {
    const attempt = (token: string | undefined) => {
      const copy = request.clone();
      copy.headers.set("Accept-Language", language());
      if (token) copy.headers.set("Authorization", `Bearer ${token}`);
      return send(copy, connectivity, fetcher);
    };
    const token = tokens.token() ?? (await tokens.wake?.());
    const response = await attempt(token);
    if (response.status !== 401 || !token || !(await refusedForToken(response))) return response;
    const renewed = await tokens.refresh(token);
    return renewed ? attempt(renewed) : response;
  };

  const persistent = async (request: Request): Promise<Response> => {
    if (!request.headers.has(idempotencyHeader)) return authorised(request);
    const until = performance.now() + patience;
    let retrying = false;
    try {
      for (let attempt = 0; ; attempt++) {
        try {
          return await authorised(request);
        } catch (error) {
          if (!(error instanceof NetworkError) || performance.now() >= until) throw error;
        }
        if (!retrying) {
          retrying = true;
          connectivity.retrying(1);
        }
        await connectivity.pause(Math.min(8000, 500 * 2 ** attempt) * (0.5 + random() / 2), request.signal);
      }
    } finally {
      if (retrying) connectivity.retrying(-1);
    }
  };

  return createClient<paths>({ baseUrl: options.baseUrl ?? location.origin, fetch: persistent });
}

async function refusedForToken(response: Response): Promise<boolean> {
  const parsed: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  return isProblem(parsed) && staleToken.has(parsed.code);
}
