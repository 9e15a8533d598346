import { mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { convert } from "prumerge/convert";
import { loadEngine } from "../dist/runtime/index.js";
import { answerHere } from "../src/eval/run/answer-here.js";
import { planConfigurations } from "../src/eval/run/configurations.js";
import { planTask, type RunnableTask } from "../src/eval/run/plan-assignments.js";
import type { AnswerRecord } from "../src/eval/run/run-folder.js";
import { vqav2 } from "../src/eval/tasks/vqav2/vqav2.js";
import { assembleModel } from "../src/model/assemble-model.js";
import { describeFolder } from "../src/model/describe-folder.js";
import { readPixels } from "../src/model/model-input.js";
import type { SquareModelSpec } from "../src/models/spec.js";
import type { Engine } from "../src/runtime/engine.js";
import { llava15Spec } from "../test/support/llava-15.js";
import { writeSyntheticCheckpoint } from "../test/support/synthetic-checkpoint.js";
import type { BenchResult } from "./result.js";

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const repetitions = 3;

/**
 * Evaluation of the bundled model on part of its VQAv2, unreduced and with 33 tokens of PruMerge+: questions a second,
 * what of the gain the stages allow, and how long a session of ONNX Runtime is busy.
 *
 * Environment: `PRUMERGE_BENCH_EVAL_LARGE=1` adds a generated model of 1.1 billion parameters in its language model
 * (6 GB in `PRUMERGE_BENCH_SCRATCH`, default the system's temporary folder; several minutes).
 */
export async function run(): Promise<BenchResult[]> {
  const results = await measure("pocket-llava", at("models/pocket-llava"), { parts: 4, tokens: [33] });
  if (process.env.PRUMERGE_BENCH_EVAL_LARGE !== "1") return results;
  return [...results, ...(await measureLarge(process.env.PRUMERGE_BENCH_SCRATCH ?? tmpdir()))];
}

interface Plan {
  /** One of so many parts of the benchmark is asked. */
  readonly parts: number;
  readonly tokens: readonly number[];
  /** Longest answer; default LLaVA's. */
  readonly maxNewTokens?: number;
}

/** What one run took, milliseconds. */
interface Run {
  readonly wall: number;
  readonly encode: number;
  readonly prefill: number;
  readonly decode: number;
  /** Inside of the sessions' runs, as their own thread measured it. */
  readonly busy: number;
  readonly questions: number;
}

async function measure(name: string, folder: string, plan: Plan): Promise<BenchResult[]> {
  const description = await describeFolder(folder);
  const engine = new BusyEngine(await loadEngine(description.graphs, { warm: ["vision", "language"] }));
  const model = assembleModel(description, engine.measured, { pixels: readPixels });
  try {
    const data = at("benchmarks/pocket/vqav2");
    const task: RunnableTask = { task: vqav2, loaded: await vqav2.load(data), data, options: {} };
    const budgets = plan.tokens.map((rows) => ({ kind: "exact" as const, rows }));
    const { configurations } = planConfigurations(["none", "prumerge+"], budgets, 0);
    const ask = async (index: number, parts: number): Promise<Run> => {
      const { assignments } = await planTask(task, {
        configurations: [configurations[index]!],
        conditions: {
          model: "",
          versions: { prumerge: "", onnxruntime: "" },
          prompt: "model",
          device: "cpu",
          imageAspect: null,
        },
        maxNewTokens: plan.maxNewTokens ?? null,
        selection: { limit: null, shard: { index: 1, count: parts } },
      });
      const records: AnswerRecord[] = [];
      const busyBefore = engine.busy;
      const started = performance.now();
      await answerHere(
        model,
        assignments,
        async (record) => {
          if (record.kind === "failure") throw new Error(record.message);
          records.push(record);
        },
        { prompt: "model", imageAspect: null, stop: new AbortController().signal, worker: null },
      );
      return stages(records, performance.now() - started, engine.busy - busyBefore);
    };
    for (const index of configurations.keys()) await ask(index, plan.parts * 8); // warm
    const runs: Run[][] = configurations.map(() => []);
    for (let i = 0; i < repetitions; i++)
      for (const index of configurations.keys()) runs[index]!.push(await ask(index, plan.parts));
    return report(
      name,
      configurations.map(({ name }) => name),
      runs,
    );
  } finally {
    await model.dispose();
  }
}

function stages(records: readonly AnswerRecord[], wall: number, busy: number): Run {
  const encoded = new Map(records.map(({ picture, timings }) => [picture?.sha256, timings.encode]));
  const sum = (of: (record: AnswerRecord) => number) => records.reduce((total, one) => total + of(one), 0);
  return {
    wall,
    encode: [...encoded.values()].reduce((total, one) => total + one, 0),
    prefill: sum(({ timings }) => timings.prefill),
    decode: sum(({ timings }) => timings.total - timings.firstToken),
    busy,
    questions: records.length,
  };
}

function report(model: string, names: readonly string[], runs: readonly (readonly Run[])[]): BenchResult[] {
  const middle = runs.map((all) => [...all].sort((a, b) => a.wall - b.wall)[all.length >> 1]!);
  const [whole, ...reduced] = middle;
  return middle.flatMap((run, index) => {
    const each = (milliseconds: number) => `${(milliseconds / run.questions).toFixed(1)} ms`;
    const ours = run.wall - run.encode - run.prefill - run.decode;
    const about =
      `median of ${repetitions} runs of ${run.questions} questions; a question takes ${each(run.wall)}: encode ` +
      `${each(run.encode)}, prefill ${each(run.prefill)}, decode ${each(run.decode)}, ours ${each(ours)}`;
    const results: BenchResult[] = [
      {
        name: `${model} ${names[index]}: questions`,
        median: (1000 * run.questions) / run.wall,
        unit: "1/s",
        notes: about,
      },
      {
        name: `${model} ${names[index]}: session busy`,
        median: (100 * run.busy) / run.wall,
        unit: "%",
        notes:
          "of wall time, in the sessions' threads; target at least 90 at 1.1B, none for the bundled model",
      },
    ];
    if (!reduced.includes(run)) return results;
    const saved = whole!.encode - run.encode + whole!.prefill - run.prefill + whole!.decode - run.decode;
    const allowed = whole!.wall / (whole!.wall - saved);
    const gain = whole!.wall / run.wall;
    const notes = `${gain.toFixed(2)} times as many questions a second; the stages allow ${allowed.toFixed(2)}; target at least 85`;
    return [
      ...results,
      {
        name: `${model} ${names[index]}: of the gain allowed`,
        median: (100 * gain) / allowed,
        unit: "%",
        notes,
      },
    ];
  });
}

/** An engine that adds up how long its sessions run. */
class BusyEngine {
  busy = 0;
  readonly measured: Engine;

  constructor(engine: Engine) {
    const add = <T extends { readonly milliseconds: number }>(run: T): T => {
      this.busy += run.milliseconds;
      return run;
    };
    this.measured = {
      ...engine,
      see: async (...words) => add(await engine.see(...words)),
      forward: async (...words) => add(await engine.forward(...words)),
    };
  }
}

/** LLaVA-1.5's tower before a language model of TinyLlama's geometry (1.1 billion parameters). */
function generatedLlava(): SquareModelSpec {
  const spec = llava15Spec();
  const language = { hiddenSize: 2048, layers: 22, heads: 32, keyValueHeads: 4, headDim: 64 };
  return {
    ...spec,
    projector: { ...spec.projector, hiddenSize: 2048 },
    language: { ...spec.language, ...language, intermediateSize: 5632, context: 2048 },
  };
}

async function measureLarge(scratch: string): Promise<BenchResult[]> {
  const { bavail, bsize } = statfsSync(scratch);
  if (bavail * bsize < 6e9) throw new Error(`${scratch} has no 6 GB to spare`);
  const folder = mkdtempSync(join(scratch, "prumerge-bench-eval-"));
  try {
    const [source, model] = [join(folder, "checkpoint"), join(folder, "model")];
    writeSyntheticCheckpoint(source, generatedLlava(), { form: "safetensors", shardBytes: 2e9 });
    await convert(source, model, { dtype: "q4" });
    rmSync(source, { recursive: true });
    return await measure("generated 1.1B", model, { parts: 50, tokens: [33], maxNewTokens: 8 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
