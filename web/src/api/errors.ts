import type { FieldProblem, Problem } from "./types";

/** A refusal by the server: `problem.message` is a sentence for people in their language. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    /** HTTP status */
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.message);
  }

  /** The stable code, e.g. `already_claimed`. */
  get code(): string {
    return this.problem.code;
  }
}

/** No answer from the server: no network, the server is down, or a proxy answered for it. */
export class NetworkError extends Error {
  override readonly name = "NetworkError";
}

export function isProblem(value: unknown): value is Problem {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Problem).code === "string" &&
    typeof (value as Problem).message === "string"
  );
}

/** Whether an error is a refusal with this code. */
export function hasCode(error: unknown, ...codes: string[]): error is ApiError {
  return error instanceof ApiError && codes.includes(error.code);
}

/**
 * The field errors of a refusal as Ant Design's `form.setFields` wants them. A pointer `readings/0/value` becomes the path
 * `["readings", 0, "value"]`.
 */
export function fieldErrors(error: unknown): { name: (string | number)[]; errors: string[] }[] {
  if (!(error instanceof ApiError)) return [];
  return (error.problem.fields ?? []).map((f: FieldProblem) => ({
    name: f.field.split("/").map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
    errors: [f.message],
  }));
}
