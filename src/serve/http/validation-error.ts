import type { z } from "@hono/zod-openapi";
import { adviceOn, isUnsupportedField } from "../schema/unused-fields.js";
import { ApiError } from "./api-error.js";

type Issue = z.core.$ZodIssue;

/**
 * What a schema refuses, in the words of OpenAI's API; the first issue counts.
 *
 * @param body what was refused
 */
export function validationError(issues: readonly Issue[], body: unknown): ApiError {
  const { issue, path } = deepest(issues[0]!, []);
  const param = formatPath(path);
  const named = param === "" ? "the body" : `'${param}'`;
  const refuse = (message: string, code: string, about = param) =>
    new ApiError(400, message, { code, ...(about !== "" && { param: about }) });
  if (issue.code === "invalid_type" && issue.expected === "never") {
    return refuse(
      `Unsupported parameter: ${named} is not supported with this model.`,
      "unsupported_parameter",
    );
  }
  if (isUnsupportedField(path[0])) {
    const message = `Unsupported value: '${param}' is not supported with this model.`;
    return refuse(message + adviceOn(String(path[0])), "unsupported_value");
  }
  switch (issue.code) {
    case "unrecognized_keys": {
      const unknown = formatPath([...path, issue.keys[0]!]);
      return refuse(`Unknown parameter: '${unknown}'.`, "unknown_parameter", unknown);
    }
    case "invalid_type":
      if (path.length > 0 && valueAt(body, path) === undefined) {
        return refuse(`Missing required parameter: '${param}'.`, "missing_required_parameter");
      }
      return refuse(
        `Invalid type for ${named}: expected ${typeWords[issue.expected] ?? issue.expected}.`,
        "invalid_type",
      );
    case "too_small":
      return refuse(
        `Invalid ${named}: ${bound("at least", issue.minimum, issue.origin, issue.inclusive)}.`,
        "below_minimum",
      );
    case "too_big":
      return refuse(
        `Invalid ${named}: ${bound("at most", issue.maximum, issue.origin, issue.inclusive)}.`,
        "above_maximum",
      );
    case "invalid_value":
      return refuse(
        `Invalid value for ${named}. Supported values are: ${issue.values.map((value) => `'${String(value)}'`).join(", ")}.`,
        "invalid_value",
      );
    case "custom":
      return refuse(`Invalid ${named}: ${issue.message}.`, issue.params?.code ?? "above_maximum");
    default:
      return refuse(`Invalid value for ${named}.`, "invalid_value");
  }
}

/** Kinds of values by JSON's names, where the validator has its own. */
const typeWords: Readonly<Record<string, string>> = { int: "integer", record: "object" };

/** Of a union the form that the value comes nearest to: its first issue lies deepest, or is not about the type. */
function deepest(issue: Issue, before: readonly PropertyKey[]): { issue: Issue; path: PropertyKey[] } {
  const path = [...before, ...issue.path];
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return { issue, path };
  const firsts = issue.errors.map((issues) => deepest(issues[0]!, path));
  return firsts.reduce((best, one) => (nearness(one) > nearness(best) ? one : best));
}

function nearness({ issue, path }: { readonly issue: Issue; readonly path: readonly PropertyKey[] }): number {
  return 2 * path.length + (issue.code === "invalid_type" ? 0 : 1);
}

function bound(word: string, limit: number | bigint, origin: string, inclusive = true): string {
  const amount = inclusive
    ? `${word} ${limit}`
    : word === "at least"
      ? `more than ${limit}`
      : `less than ${limit}`;
  if (origin === "string") return `expected ${amount} characters`;
  return origin === "array" ? `expected ${amount} entries` : `expected ${amount}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((at, key) => (at as Record<PropertyKey, unknown> | null | undefined)?.[key], value);
}

/** `messages[0].content`. */
function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((key, at) =>
      typeof key === "number" ? `[${key}]` : `${at === 0 ? "" : "."}${String(key).slice(0, 100)}`,
    )
    .join("");
}
