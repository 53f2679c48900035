import { randomUUID } from "node:crypto";
import type { components } from "../../src/api/schema";
import { address, demoPassword } from "./settings";

export type Schemas = components["schemas"];
export type Problem = Schemas["Problem"];
export type Locale = Schemas["Locale"];

/** A refusal of the server. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(`${status} ${problem.code}: ${problem.message} ${JSON.stringify(problem.fields ?? [])}`);
  }
}

interface Options {
  locale?: Locale;
  /** of the command; a fresh one unless given */
  key?: string;
  /** instead of the client's own; null sends none */
  token?: string | null;
}

/**
 * One account's way to the HTTP contract, beside the pages: it prepares what a test needs and looks at what a test did. It
 * signs in when it is first used and again when the token has expired.
 */
export class Client {
  #grant: Promise<Schemas["Session"]> | undefined;

  constructor(
    readonly username: string,
    readonly password: string = demoPassword,
    readonly base: string = address,
  ) {}

  async me(): Promise<Schemas["Me"]> {
    return (await this.#signedIn()).me;
  }

  async token(): Promise<string> {
    return (await this.#signedIn()).accessToken;
  }

  get = <T>(path: string, options?: Options): Promise<T> => this.send<T>("GET", path, undefined, options);
  post = <T>(path: string, body?: unknown, options?: Options): Promise<T> =>
    this.send<T>("POST", path, body, options);
  put = <T>(path: string, body: unknown, options?: Options): Promise<T> =>
    this.send<T>("PUT", path, body, options);
  delete = (path: string): Promise<void> => this.send("DELETE", path);

  /** @throws Refused for each answer that is no success */
  async send<T>(method: string, path: string, body?: unknown, options: Options = {}): Promise<T> {
    const response = await this.#fetch(method, path, body, options);
    const text = await response.text();
    if (!response.ok) throw new Refused(response.status, JSON.parse(text) as Problem);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }

  /** The refusal that a request meets; fails when it is not refused. */
  async refusal(method: string, path: string, body?: unknown, options?: Options): Promise<Refused> {
    try {
      await this.send(method, path, body, options);
    } catch (error) {
      if (error instanceof Refused) return error;
      throw error;
    }
    throw new Error(`${method} ${path} was not refused`);
  }

  async #fetch(method: string, path: string, body: unknown, options: Options): Promise<Response> {
    const token = options.token === undefined ? await this.token() : options.token;
    const bytes = body instanceof Uint8Array;
    const headers: Record<string, string> = {
      "Accept-Language": options.locale ?? "zh-CN",
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(method === "GET" ? {} : { "Idempotency-Key": options.key ?? randomUUID() }),
      ...(body === undefined
        ? {}
        : { "Content-Type": bytes ? "application/octet-stream" : "application/json" }),
    };
    return fetch(new URL(path, this.base), {
      method,
      headers,
      ...(body === undefined ? {} : { body: bytes ? Buffer.from(body) : JSON.stringify(body) }),
    });
  }

  async #signedIn(): Promise<Schemas["Session"]> {
    const grant = await (this.#grant ??= this.#signIn());
    if (Date.parse(grant.expiresAt) - Date.now() > 30_000) return grant;
    this.#grant = undefined;
    return this.#signedIn();
  }

  #signIn(): Promise<Schemas["Session"]> {
    return this.send(
      "POST",
      "/api/v1/auth/login",
      { username: this.username, password: this.password },
      { token: null },
    );
  }
}
