import type OpenAI from "openai";
import type { LoadedModel } from "prumerge";
import { type Answered, askFolder, askServer, type Reduction, type Turn } from "./ask.js";
import type { Sample } from "./samples.js";

/** One reduction: the sample questions answered by the model folder, and by vLLM behind a `prumerge serve`. */
export interface Comparison {
  readonly reduction: Reduction;
  /** Smallest and largest count of visual tokens. */
  readonly visualTokens: readonly [number, number];
  readonly questions: number;
  readonly equalAnswers: number;
  readonly equalStreams: number;
  /** Questions whose `usage.prompt_tokens` is the folder's count of what its language model saw, in both forms. */
  readonly equalPromptTokens: number;
  readonly promptTokensMedian: number;
  readonly completionTokensMedian: number;
  /** Of streams, milliseconds at the client's side of vLLM, pictures remembered. */
  readonly firstTokenMedian: number;
  /** Questions that differ, for a reader. */
  readonly different: readonly {
    readonly question: string;
    readonly folder: string;
    readonly vllm: string;
  }[];
}

/** Asked one after another. */
export async function compare(
  client: OpenAI,
  model: LoadedModel,
  samples: readonly Sample[],
  reduction: Reduction,
): Promise<Comparison> {
  const rows: { question: string; folder: Answered; whole: Answered; stream: Answered }[] = [];
  for (const { turns, question } of questionsOf(samples)) {
    rows.push({
      question,
      folder: await askFolder(model, turns, reduction),
      whole: await askServer(client, turns, reduction, { stream: false, temperature: 0 }),
      stream: await askServer(client, turns, reduction, { stream: true, temperature: 0 }),
    });
  }
  const counts = rows.flatMap(({ stream }) => stream.visualTokens);
  const agree = (test: (row: (typeof rows)[number]) => boolean) => rows.filter(test).length;
  return {
    reduction,
    visualTokens: [Math.min(...counts), Math.max(...counts)],
    questions: rows.length,
    equalAnswers: agree(({ folder, whole }) => isEqual(folder, whole)),
    equalStreams: agree(({ folder, stream }) => isEqual(folder, stream)),
    equalPromptTokens: agree(({ folder, whole, stream }) =>
      [whole, stream].every(({ promptTokens }) => promptTokens === folder.promptTokens),
    ),
    promptTokensMedian: median(rows.map(({ stream }) => stream.promptTokens)),
    completionTokensMedian: median(rows.map(({ stream }) => stream.completionTokens)),
    firstTokenMedian: median(rows.map(({ stream }) => stream.firstToken)),
    different: rows
      .filter(({ folder, whole, stream }) => !isEqual(folder, whole) || !isEqual(folder, stream))
      .map(({ question, folder, whole }) => ({ question, folder: folder.text, vllm: whole.text })),
  };
}

/** Questions asked side by side, their reductions in turns. */
export interface Crowd {
  readonly clients: number;
  readonly reductions: readonly Reduction[];
  readonly requests: number;
  readonly equalAnswers: number;
  readonly seconds: number;
}

export async function crowd(
  client: OpenAI,
  model: LoadedModel,
  samples: readonly Sample[],
  reductions: readonly Reduction[],
  clients: number,
): Promise<Crowd> {
  const tasks = questionsOf(samples).map(({ turns }, at) => {
    return { turns, reduction: reductions[at % reductions.length]! };
  });
  const answers: Answered[] = [];
  const started = performance.now();
  const rest = tasks.entries();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      for (const [at, { turns, reduction }] of rest)
        answers[at] = await askServer(client, turns, reduction, { stream: true, temperature: 0 });
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  let equalAnswers = 0;
  for (const [at, { turns, reduction }] of tasks.entries())
    if (isEqual(await askFolder(model, turns, reduction), answers[at]!)) equalAnswers++;
  return { clients, reductions, requests: tasks.length, equalAnswers, seconds };
}

/** Same words, same reason for the end. */
export function isEqual(a: Answered, b: Answered): boolean {
  return a.text === b.text && a.finishReason === b.finishReason;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function questionsOf(samples: readonly Sample[]): { readonly turns: Turn[]; readonly question: string }[] {
  return samples.flatMap((sample) =>
    sample.questions.map((question) => {
      return { question, turns: [{ role: "user" as const, text: question, pictures: [sample] }] };
    }),
  );
}
