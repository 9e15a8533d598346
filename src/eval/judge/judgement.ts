import type { Json } from "./literal-json.js";
import { type Integer, integerOfNumber, integerOfText, type PythonError } from "./python-integer.js";
import { verdictOf } from "./read-reply.js";

/** What a saved judgement adds to the totals, step by step as the official programs take it. */
export interface Judgement {
  /** Undefined where reading it fails. */
  readonly score?: number;
  /** `neither`: a text without yes and no. Undefined where reading it, or the score before it, fails. */
  readonly verdict?: "yes" | "no" | "neither";
  /** The first step that fails; Video-ChatGPT's program ends with it, Video-LLaVA's goes on. */
  readonly error?: PythonError;
}

/** Reads a saved judgement: `score` first, as a whole number, then `pred`. */
export function readJudgement(value: Json): Judgement {
  const given = fieldOf(value, "score");
  if ("error" in given) return given;
  const score = integerOf(given.value);
  if ("error" in score) return score;
  const pred = fieldOf(value, "pred");
  if ("error" in pred) return { score: score.value, error: pred.error };
  if (typeof pred.value !== "string") {
    const text = `'${typeOf(pred.value)}' object has no attribute 'lower'`;
    return { score: score.value, error: { type: "AttributeError", text } };
  }
  return { score: score.value, verdict: verdictOf(pred.value) ?? "neither" };
}

/** `value[name]` */
function fieldOf(value: Json, name: string): { readonly value: Json } | { readonly error: PythonError } {
  if (isDictionary(value)) {
    const found = Object.hasOwn(value, name) ? value[name] : undefined;
    return found === undefined ? { error: { type: "KeyError", text: `'${name}'` } } : { value: found };
  }
  const text = Array.isArray(value)
    ? "list indices must be integers or slices, not str"
    : typeof value === "string"
      ? "string indices must be integers, not 'str'"
      : `'${typeOf(value)}' object is not subscriptable`;
  return { error: { type: "TypeError", text } };
}

/** `int(value)` */
function integerOf(value: Json): Integer {
  if (typeof value === "boolean") return { value: Number(value) };
  if (typeof value === "number") return integerOfNumber(value);
  if (typeof value === "string") return integerOfText(value);
  const text = `int() argument must be a string, a bytes-like object or a real number, not '${typeOf(value)}'`;
  return { error: { type: "TypeError", text } };
}

function typeOf(value: Json): string {
  if (value === null) return "NoneType";
  if (Array.isArray(value)) return "list";
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "number":
      return Number.isInteger(value) ? "int" : "float";
    case "string":
      return "str";
    default:
      return "dict";
  }
}

function isDictionary(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
