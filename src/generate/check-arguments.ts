import { PrumergeError } from "../errors.js";

// Programs without types hand in anything: these refuse by name what would fail somewhere inside.

/** @throws PrumergeError INVALID_OPTION for what is no reducer, such as a method's name or its uncalled function */
export function checkReducer(reducer: unknown): void {
  const { plan, budget } = (reducer ?? {}) as { plan?: unknown; budget?: { kind?: unknown } };
  if (typeof plan === "function" && typeof budget?.kind === "string") return;
  if (typeof plan === "function") {
    throw new PrumergeError("INVALID_OPTION", "a reducer that does not say its budget", {
      where: "reducer.budget",
      expected:
        '{ kind: "rule" } where it finds its count by itself, { kind: "exact", rows: 64 } or the like',
      found: JSON.stringify(budget) ?? "none",
    });
  }
  throw refusal("reducer", "pruMerge(), pruMergePlus({ tokens: 64 }) or another reducer", reducer);
}

/**
 * @param width D of the language model
 * @throws PrumergeError INVALID_OPTION for what `see` did not give, or gave for a model of another width
 */
export function checkPictures(pictures: readonly unknown[], width: number): void {
  for (const picture of pictures) {
    const { embeddings, place } = (picture ?? {}) as {
      embeddings?: { columns?: unknown; rows?: unknown };
      place?: {
        at?: { length?: unknown };
        rows?: { length?: unknown };
        columns?: { length?: unknown };
        advance?: unknown;
      };
    };
    if (embeddings === undefined) throw refusal("seen", "what see() gave, a list of that, or null", picture);
    if (embeddings.columns !== width) {
      throw new PrumergeError("INVALID_OPTION", "visual tokens of another model", {
        where: "seen",
        expected: `rows of width ${width}`,
        found: `rows of width ${embeddings.columns}`,
      });
    }
    if (place === undefined) continue;
    const { at, rows = at, columns = at } = place;
    const fits = [at, rows, columns].every((axis) => axis?.length === embeddings.rows);
    if (!fits || !Number.isSafeInteger(place.advance)) {
      throw new PrumergeError("INVALID_OPTION", "places of other visual tokens", {
        where: "seen.place",
        expected: `at for each of ${embeddings.rows} rows, and advance`,
        found: `${place.at?.length} rows, ${place.advance}`,
      });
    }
  }
}

/** @throws PrumergeError INVALID_OPTION for what is neither text, messages nor a prompt */
export function checkQuestion(question: unknown): void {
  const { prompt } = (question ?? {}) as { prompt?: unknown };
  if (typeof question === "string" || typeof prompt === "string") return;
  if (Array.isArray(question) && question.every(isMessage)) return;
  throw refusal(
    "question",
    'a string, { prompt }, or a list of { role, content }, content being a string or { type: "text", text } and { type: "image" }',
    question,
  );
}

function isMessage(message: unknown): boolean {
  const { role, content } = (message ?? {}) as { role?: unknown; content?: unknown };
  return (
    typeof role === "string" &&
    (typeof content === "string" || (Array.isArray(content) && content.every(isPart)))
  );
}

function isPart(part: unknown): boolean {
  const { type, text } = (part ?? {}) as { type?: unknown; text?: unknown };
  return type === "image" || (type === "text" && typeof text === "string");
}

/** @throws PrumergeError INVALID_OPTION for a misspelt mode, which would be taken for another one */
export function checkReuse(mode: unknown): void {
  if (mode === undefined || typeof mode === "boolean" || mode === "pictures") return;
  throw refusal("reusePrefix", 'true, false or "pictures"', mode);
}

/** @throws PrumergeError INVALID_OPTION for a limit on kept caches that is no number, or negative */
export function checkKept(limit: number | undefined, where: "keepCacheBytes" | "keepCaches"): void {
  if (limit === undefined || limit >= 0) return;
  throw new PrumergeError("INVALID_OPTION", "a limit on kept caches is out of range", {
    where,
    expected: "a number, 0 or more",
    found: String(limit),
  });
}

function refusal(where: string, expected: string, found: unknown): PrumergeError {
  return new PrumergeError("INVALID_OPTION", "an argument of a wrong kind", {
    where,
    expected,
    found: typeof found === "string" ? JSON.stringify(found) : found === null ? "null" : typeof found,
  });
}
