import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { framesApart, type LoadedModel, loadModel, type VisualTokens } from "prumerge";
import { convert, type ModelFolder } from "prumerge/convert";
import type { Picture } from "prumerge/image";
import { noReduction } from "prumerge/reduce";
import { runFamily } from "../../../src/families/run-registry.js";
import { type FixtureTensor, floats, readFixture } from "../../support/safetensors.js";
import { EveryPosition } from "../every-position.js";
import { apart } from "../model-check.js";
import { type CaseResult, caseResult, type Form, guardedLater } from "../outcome.js";
import type { VideoLlavaCase } from "./case.js";
import { reducerOf } from "./reducer.js";
import { pixelMisses, towerMisses, visualMisses } from "./seen.js";

const tolerances = { embeddings: 1e-4, logits: 1e-3 } as const;

type Tensors = ReadonlyMap<string, FixtureTensor>;

/** Replays every case of a folder of the family video_llava: converted, loaded, shown the frames and asked. */
export async function replayVideoLlava(folder: string): Promise<Map<Form, CaseResult[]>> {
  const { cases }: { cases: readonly VideoLlavaCase[] } = JSON.parse(
    readFileSync(join(folder, "manifest.json"), "utf8"),
  );
  const results: CaseResult[] = [];
  for (const name of new Set(cases.map(({ inputs }) => inputs.model))) {
    const temporary = await mkdtemp(join(tmpdir(), "prumerge-golden-"));
    const converted = await convert(join(folder, name), join(temporary, name), { dtype: "fp32" });
    const model = await loadModel(converted.path);
    const everyPosition = new EveryPosition(converted);
    try {
      for (const test of cases.filter(({ inputs }) => inputs.model === name))
        results.push(
          await guardedLater(test.name, () => replayCase(folder, { converted, model, everyPosition }, test)),
        );
    } finally {
      await model.dispose();
      await rm(temporary, { recursive: true, force: true });
    }
  }
  return new Map([["planner", results]]);
}

interface Opened {
  readonly converted: ModelFolder;
  readonly model: LoadedModel;
  readonly everyPosition: EveryPosition;
}

async function replayCase(
  folder: string,
  { converted, model, everyPosition }: Opened,
  test: VideoLlavaCase,
): Promise<CaseResult> {
  const { expected, inputs } = test;
  const tensors = readFixture(join(folder, inputs.file));
  const misses: string[] = [];
  const seen: VisualTokens[] = [];
  for (const kind of shownIn(test)) {
    const source =
      kind === "video"
        ? showVideo(model, tensors, inputs.frames!)
        : await model.prepare(still(folder, test, tensors));
    misses.push(...pixelMisses(kind, source, tensors));
    const unreduced = await model.see(source, noReduction(), { signals: true });
    misses.push(...towerMisses(kind, unreduced, tensors));
    const reducer = reducerOf(
      test,
      kind,
      unreduced.signals!.map((frame) => frame!),
    );
    const one = await model.see(source, reducer, { signals: true });
    misses.push(...visualMisses(kind, test, tensors, one));
    seen.push(kind === "video" && test.name.endsWith("-spaced") ? framesApart(one, " ") : one);
  }
  const count = seen.reduce((sum, { embeddings }) => sum + embeddings.rows, 0);
  if (count !== expected.visual_tokens)
    misses.push(`${count} visual tokens, recorded ${expected.visual_tokens}`);

  const rows = seen.map(({ embeddings }) => embeddings.data);
  const embeddings = await everyPosition.embeddings(promptIds(test), placeholder, ...rows);
  const recordedEmbeddings =
    expected.inputs_embeds === null ? undefined : floats(tensors, expected.inputs_embeds);
  const first = embeddings.subarray(0, recordedEmbeddings?.length);
  if (recordedEmbeddings !== undefined)
    misses.push(...apart("prompt embeddings", first, recordedEmbeddings, tolerances.embeddings));
  const { vocabularySize } = model.spec.language;
  const vocabulary = floats(tensors, expected.greedy_logits).length / expected.greedy_ids.length;
  const ofRecorded = (logits: Float32Array) => logits.filter((_, at) => at % vocabularySize < vocabulary);
  const logits = ofRecorded(await everyPosition.logits(embeddings));
  const recorded = floats(tensors, expected.logits);
  const last = logits.subarray(logits.length - recorded.length);
  misses.push(...apart("logits", last, recorded, tolerances.logits));

  const prompt = promptOf(inputs.prompt, model.imageToken);
  const options = { maxNewTokens: expected.greedy_ids.length, keepLogits: true };
  const answer = await model.answer(seen, { prompt }, options).result;
  if (String(answer.tokenIds) !== String(expected.greedy_ids)) misses.push(`greedy ${answer.tokenIds}`);
  if (answer.promptTokens !== expected.sequence_length)
    misses.push(`${answer.promptTokens} tokens of prompt`);
  const greedy = ofRecorded(Float32Array.from(answer.logits!.flatMap((row) => [...row])));
  misses.push(...apart("greedy logits", greedy, floats(tensors, expected.greedy_logits), tolerances.logits));
  if (converted.graphs.watching === undefined) misses.push("no graph for videos");
  return caseResult(test.name, true, misses);
}

/** What a prompt shows, in its order. A video of the authors' program has a placeholder for each frame. */
function shownIn({ inputs }: VideoLlavaCase): ("picture" | "video")[] {
  const marks = inputs.prompt.replace(eachFrame, "<video>").match(/<image>|<video>/g) ?? [];
  return marks.map((mark) => (mark === "<video>" ? "video" : "picture"));
}

const eachFrame = /<image>(?: ?<image>){7}/;

/** One place for each thing that is shown; which token stands for a video does not come to the model. */
function promptOf(prompt: string, imageToken: string): string {
  return prompt.replace(eachFrame, "<video>").replace(/<image>|<video>/g, imageToken);
}

const placeholder = -200;

function promptIds({ inputs }: VideoLlavaCase): Int32Array {
  const { image_token_id, video_token_id } = inputs;
  const ids = inputs.prompt_ids_with_minus_200 ?? inputs.prompt_ids_with_single_placeholders!;
  return Int32Array.from(ids, (id) => (id === image_token_id || id === video_token_id ? placeholder : id));
}

function showVideo(model: LoadedModel, tensors: Tensors, name: string) {
  const door = runFamily(model.spec).video!(model.spec);
  const frames = picturesOf(tensors, name);
  if (frames.length !== door.sampling.count)
    throw new Error(`${frames.length} frames, the model takes ${door.sampling.count}`);
  return door.show(frames, model.preprocessing);
}

function still(folder: string, { inputs }: VideoLlavaCase, tensors: Tensors): string | Picture {
  return tensors.has(inputs.image!) ? picturesOf(tensors, inputs.image!)[0]! : join(folder, inputs.image!);
}

/** 8-bit RGB, [T, H, W, 3] or [H, W, 3]. */
function picturesOf(tensors: Tensors, name: string): Picture[] {
  const { shape, data } = tensors.get(name)!;
  const [height, width] = shape.slice(-3) as [number, number];
  const length = 3 * height * width;
  return Array.from({ length: data.length / length }, (_, at) => ({
    width,
    height,
    data: Uint8Array.from(data.subarray(at * length, (at + 1) * length)),
  }));
}
