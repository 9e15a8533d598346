import { HTTPException } from "hono/http-exception";
import { type ErrorCode, PrumergeError } from "../../errors.js";
import type { ErrorBody } from "../schema/error.js";
import { ApiError } from "./api-error.js";

/** Refusals of what the client asked for; everything else is the server's own failure. */
const clientErrors: Readonly<Partial<Record<ErrorCode, { status: number; code: string; param?: string }>>> = {
  INVALID_OPTION: { status: 400, code: "invalid_value" },
  UNKNOWN_METHOD: { status: 400, code: "unknown_method" },
  INVALID_IMAGE: { status: 400, code: "invalid_image" },
  INVALID_VIDEO: { status: 400, code: "invalid_video" },
  LIMIT_EXCEEDED: { status: 400, code: "limit_exceeded" },
  CONTEXT_EXCEEDED: { status: 400, code: "context_length_exceeded", param: "messages" },
};

/** Any failure as the error that the client is told. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (PrumergeError.isInstance(error)) return fromPrumergeError(error);
  if (error instanceof HTTPException) return fromHttpException(error);
  return new ApiError(500, "The server failed to process the request.", { code: "internal", cause: error });
}

export function errorBody({ message, type, param, code }: ApiError): ErrorBody {
  return { error: { message, type, param, code } };
}

function fromPrumergeError(error: PrumergeError): ApiError {
  const known = clientErrors[error.code];
  if (known === undefined) {
    if (error.code === "ABORTED") return new ApiError(499, "The request was aborted.", { code: "aborted" });
    return new ApiError(500, "The model failed to process the request.", { code: "internal", cause: error });
  }
  const { expected, found, where, help } = error.details;
  const message = compose(error.summary, { expected, found, where, help });
  return new ApiError(known.status, message, {
    code: known.code,
    ...(known.param !== undefined && { param: known.param }),
    cause: error,
  });
}

/** The error's own words without what names a file of this machine. */
function compose(
  summary: string,
  details: Record<"expected" | "found" | "where" | "help", string | undefined>,
) {
  const { expected, found, where, help } = details;
  let text = where === undefined || isPath(where) ? summary : `${where}: ${summary}`;
  if (expected !== undefined && !isPath(expected)) text += `; expected ${expected}`;
  if (found !== undefined && !isPath(found)) text += `; found ${found}`;
  if (help !== undefined && !isPath(help)) text += `. ${help}`;
  return `${text[0]!.toUpperCase()}${text.slice(1, 1000)}${/[.?!]$/.test(text) ? "" : "."}`;
}

function isPath(text: string): boolean {
  return /(^|[\s"'(])(\/|[A-Za-z]:\\|file:)[^\s]/.test(text) || text.includes("node_modules");
}

function fromHttpException({ status }: HTTPException): ApiError {
  if (status === 415) {
    return new ApiError(415, "Unsupported Content-Type: send application/json.", {
      code: "unsupported_content_type",
    });
  }
  if (status === 400) {
    return new ApiError(400, "The body of the request is not valid JSON.", { code: "invalid_json" });
  }
  return new ApiError(status, "The request is refused.");
}
