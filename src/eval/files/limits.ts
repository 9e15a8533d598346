/**
 * Caps on benchmark and answers files, checked before anything of that size is held in memory. Real files stay far below:
 * VQAv2's largest annotations are 0.4 GB, and one record of any benchmark without pictures inside is a few kilobytes.
 */
export const fileLimits = {
  /** Bytes of a file that is read record by record. */
  streamed: 2 ** 31,
  /** Bytes of a file that is read whole: GQA's testdev questions are 16 MB, ScienceQA's problems 10 MB. */
  whole: 2 ** 28,
  /** Bytes of one record: a line, or one object of a list. */
  record: 2 ** 24,
  /** Bytes of a JSON file outside of its records: braces, commas, keys, the file's description. */
  frame: 2 ** 25,
} as const;
