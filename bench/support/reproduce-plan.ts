/** A command of the reproduction: what `prumerge eval` is asked. */
export interface PlannedEval {
  readonly tasks: readonly string[];
  readonly methods: readonly string[];
  readonly visualTokens: string;
}

/** All benchmarks, in the order of the paper's tables. */
export const allTasks = ["vqav2", "scienceqa", "textvqa", "pope", "mme", "mmbench", "gqa"] as const;

/** The paper's ablations and the average counts of visual tokens that it gives for them (Tables 4 to 6). */
export const ablationTokens = { textvqa: 40, mme: 40, pope: 35, scienceqa: 16 } as const;

/** The paper's shares, 5.5 % and 25 % of 576, for comparisons at equal counts. */
export const equalCounts = { prumerge: 32, "prumerge+": 144 } as const;

/** Every method of the sampling and module ablations. */
export const ablationMethods = ["prumerge", "selection", "uniform", "random", "sequential"] as const;

/** The commands, in order; all write to one run folder. */
export const plan: readonly PlannedEval[] = [
  { tasks: allTasks, methods: ["none", "prumerge", "prumerge+"], visualTokens: "adaptive" },
  ...Object.entries(equalCounts).map(([method, tokens]) => ({
    tasks: allTasks,
    methods: [method, "uniform", "random"],
    visualTokens: String(tokens),
  })),
  ...Object.entries(ablationTokens).map(([task, tokens]) => ({
    tasks: [task],
    methods: ablationMethods,
    visualTokens: String(tokens),
  })),
];

/** What a LoRA-tuned model is asked besides: the counts of the ablations. */
export const tunedPlan: readonly PlannedEval[] = Object.entries(ablationTokens).map(([task, tokens]) => ({
  tasks: [task],
  methods: ["prumerge"],
  visualTokens: String(tokens),
}));
