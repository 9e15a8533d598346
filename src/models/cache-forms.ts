import { PrumergeError } from "../errors.js";

/** How keys and values are held between runs: `fp32`, or `q8`, 8 bits with a scale for each row and head. */
export const cacheForms = ["fp32", "q8"] as const;

export type CacheForm = (typeof cacheForms)[number];

export const defaultCacheForm = "fp32" satisfies CacheForm;

/** All but the default, which records leave out. */
export const otherCacheForms = ["q8"] as const satisfies readonly Exclude<
  CacheForm,
  typeof defaultCacheForm
>[];

/** What a record says of a form: nothing of the default. */
export function otherCacheForm(form: CacheForm = defaultCacheForm): {
  readonly cache?: (typeof otherCacheForms)[number];
} {
  return form === defaultCacheForm ? {} : { cache: form };
}

/**
 * @param where the option's name
 * @throws PrumergeError INVALID_OPTION for what is neither a form nor undefined
 */
export function checkCacheForm(value: unknown, where: string): void {
  if (value === undefined || cacheForms.includes(value as CacheForm)) return;
  throw new PrumergeError("INVALID_OPTION", "keys and values cannot be held so", {
    where,
    expected: cacheForms.join(" or "),
    found: JSON.stringify(value),
  });
}
