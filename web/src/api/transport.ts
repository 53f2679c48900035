import type { Connectivity } from "./connectivity";
import { ApiError, isProblem, NetworkError } from "./errors";

/** How long one request may take, ms. Uploads and archives get more. */
const timeout = 20_000;
const uploadTimeout = 90_000;

/** Statuses that a proxy or a restarting node gives instead of an answer. */
const transient = new Set([502, 503, 504]);

/**
 * Sends one request and tells an answer (of any status) from no answer.
 *
 * @throws NetworkError when nobody answered, or a gateway did, or it took too long
 */
export async function send(
  request: Request,
  connectivity: Connectivity,
  fetcher: typeof fetch,
): Promise<Response> {
  const body = request.headers.get("Content-Type");
  const large = (body && !body.includes("json")) || request.headers.get("Accept")?.includes("zip");
  const limit = AbortSignal.timeout(large ? uploadTimeout : timeout);
  let response: Response;
  try {
    response = await fetcher(new Request(request, { signal: AbortSignal.any([limit, request.signal]) }));
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    connectivity.unanswered();
    throw new NetworkError("no answer", { cause });
  }
  if (transient.has(response.status)) {
    const code = await problemCode(response);
    if (code === undefined || code === "unavailable") {
      connectivity.unanswered();
      throw new NetworkError(`gateway answered ${response.status}`);
    }
  }
  connectivity.answered();
  return response;
}

async function problemCode(response: Response): Promise<string | undefined> {
  const parsed: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  return isProblem(parsed) ? parsed.code : undefined;
}

/** The error that an answer of a status ≥ 400 with this parsed body stands for. */
export function toError(status: number, body: unknown): ApiError | NetworkError {
  return isProblem(body)
    ? new ApiError(status, body)
    : new NetworkError(`status ${status} without a problem`);
}
