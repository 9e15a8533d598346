import { entryOf, type Literal } from "./literal.js";
import { type Json, literalJson } from "./literal-json.js";
import { type Integer, integerOfNumber, integerOfText } from "./python-integer.js";
import { readLiteral } from "./read-literal.js";

/** What the official program makes of a judge's reply: it keeps it, or asks again, without an end. */
export type OfficialReading =
  | { readonly saved: true; readonly value: Json }
  /** `halfWritten`: it parses and cannot be written; the file that stays behind then ends the program. */
  | { readonly saved: false; readonly halfWritten: boolean };

/**
 * Reads a reply as Video-ChatGPT's and Video-LLaVA's scorers do (`annotate`): the whole of it is a literal of Python that JSON
 * can hold. Fences, words around it and JSON's true, false and null are refused; a list or a number alone is kept.
 */
export function readOfficially(reply: string): OfficialReading {
  const literal = readLiteral(reply);
  if (literal === undefined) return { saved: false, halfWritten: false };
  const value = literalJson(literal);
  return value === undefined ? { saved: false, halfWritten: true } : { saved: true, value };
}

/** A judgement as lmms-eval has it. */
export interface TolerantReading {
  /** `yes` or `no`, or what the judge wrote instead. */
  readonly verdict: string;
  readonly score: number;
}

/**
 * Reads a reply as lmms-eval does (`parse_score`): what stands between the first brace that opens and the next one, so that
 * fences and words around it do no harm. Undefined where that is no dictionary with both fields; lmms-eval ends there.
 */
export function readTolerantly(reply: string): TolerantReading | undefined {
  const inner = reply.split("{")[1]?.split("}")[0];
  const literal = inner === undefined ? undefined : readLiteral(`{${inner}}`);
  if (literal === undefined) return undefined;
  const score = entryOf(literal, "score");
  const verdict = entryOf(literal, "pred");
  const whole = score && integerOf(score);
  if (whole === undefined || !("value" in whole) || verdict?.kind !== "str") return undefined;
  return { verdict: verdictOf(verdict.value) ?? verdict.value, score: whole.value };
}

/** Whether a judge said yes or no: "yes" anywhere in the text counts first, then "no", also as a part of "unknown". */
export function verdictOf(text: string): "yes" | "no" | undefined {
  const lower = text.toLowerCase();
  return lower.includes("yes") ? "yes" : lower.includes("no") ? "no" : undefined;
}

function integerOf(literal: Literal): Integer | undefined {
  switch (literal.kind) {
    case "int":
    case "bool":
      return { value: Number(literal.value) };
    case "float":
      return integerOfNumber(literal.value);
    case "str":
    case "bytes":
      return integerOfText(literal.value);
    default:
      return undefined;
  }
}
