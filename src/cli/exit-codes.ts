/** What the command line's exit status means; told by `prumerge --help`. */
export const exitCodes = { ok: 0, failure: 1, usage: 2, interrupted: 130 } as const;
