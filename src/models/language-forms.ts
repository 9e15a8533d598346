import { type CacheForm, otherCacheForm, type otherCacheForms } from "./cache-forms.js";

/** By which graph of a folder prompts go through the language model: its own for them, where there is one, or the one of tokens. */
export const prefillGraphs = ["own", "decoder"] as const;

export type PrefillGraph = (typeof prefillGraphs)[number];

/** How a language model is run, where that is not the usual: what answers depend on beside model and device. Records leave out the usual. */
export interface OtherForms {
  readonly cache?: (typeof otherCacheForms)[number];
  readonly prefill?: "decoder";
}

/** What a record says of how a language model is run: nothing of the usual. */
export function otherForms({
  cache,
  prefill,
}: {
  readonly cache?: CacheForm | undefined;
  readonly prefill?: PrefillGraph | undefined;
}): OtherForms {
  return { ...otherCacheForm(cache), ...(prefill === "decoder" && { prefill }) };
}
