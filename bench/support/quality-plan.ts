/** A command of the table of quality: what `prumerge eval` is asked, all of it into one run folder. */
export interface QualityEval {
  readonly methods: readonly string[];
  readonly visualTokens: string;
  readonly positions: string;
  /** `--option` of the command. */
  readonly options?: Readonly<Record<string, string>>;
}

/** The seven benchmarks, in the order of LLaVA's tables. */
export const qualityTasks = ["vqav2", "gqa", "scienceqa", "textvqa", "pope", "mme", "mmbench"] as const;

/** Counts at which every method is asked. */
export const counts = [64, 32, 16] as const;

/** Methods that take any count, the recommended one first. */
export const compared = [
  "cover",
  "prumerge",
  "prumerge+",
  "selection",
  "divprune",
  "scope",
  "cdpruner",
  "visionzip",
  "tome",
  "pool",
  "smaller-picture",
  "uniform",
  "random",
] as const;

const both = "contiguous,original";
const every = counts.join(",");

/** The commands, in order: every method, then what each step from PruMerge to cover gives, positions between, other counts. */
export const qualityPlan: readonly QualityEval[] = [
  { methods: ["none", ...compared], visualTokens: every, positions: both },
  { methods: ["cover"], visualTokens: every, positions: both, options: { sizeBias: "false" } },
  { methods: ["prumerge"], visualTokens: every, positions: "original", options: { merge: "none" } },
  { methods: ["prumerge"], visualTokens: every, positions: "original", options: { merge: "means" } },
  {
    methods: ["prumerge"],
    visualTokens: every,
    positions: "original",
    options: { merge: "means", sizeBias: "true" },
  },
  { methods: ["cover", "prumerge"], visualTokens: every, positions: "far" },
  { methods: ["cover", "prumerge+", "divprune", "scope", "uniform"], visualTokens: "128", positions: both },
  { methods: ["cover", "prumerge", "prumerge+"], visualTokens: "adaptive", positions: both },
];

/** The words of a command line. */
export function evalWords({ methods, visualTokens, positions, options = {} }: QualityEval): string[] {
  const words = ["--method", methods.join(","), "--visual-tokens", visualTokens, "--positions", positions];
  for (const [name, value] of Object.entries(options)) words.push("--option", `${name}=${value}`);
  return words;
}
