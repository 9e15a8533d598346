/**
 * What pandas reads as a missing cell where nobody asked for a cell to be missing: its `STR_NA_VALUES` (pandas 2 and 3; older
 * ones keep "None"). The scorers of MMBench and VLMEvalKit read their tables that way, so an option "None" or "NA" is none.
 */
const missing: ReadonlySet<string> = new Set([
  ...["", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>"],
  ...["N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"],
]);

/** Whether a table's reader takes this text for an empty cell. */
export function isMissingText(text: string): boolean {
  return missing.has(text);
}

/** Whether LLaVA takes an option or hint for none: a missing cell, or "nan" or "none" in any case. */
export function isNoneText(text: string): boolean {
  return isMissingText(text) || /^(nan|none)$/i.test(text);
}
