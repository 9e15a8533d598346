import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { journalContent } from "../../../test/support/journal-content.js";
import { samplePicture, sampleTask } from "../../../test/support/sample-task.js";
import { PrumergeError } from "../../errors.js";
import type { PixelValues } from "../../image/index.js";
import { samplePath } from "../../model/find-folder.js";
import { loadModel } from "../../model/load-model.js";
import { cdPruner, createReducer } from "../../reduce/index.js";
import { answerHere } from "./answer-here.js";
import { planConfigurations } from "./configurations.js";
import { type Answerer, type EvaluationOptions, evaluate } from "./evaluate.js";
import { writeKeptPatches } from "./kept-patches.js";
import type { RunnableTask } from "./plan-assignments.js";
import { readRecords, readRun, readScores } from "./read-run.js";
import { type AnswerRecord, answerLineSchema, runFiles } from "./run-folder.js";

const model = await loadModel();
afterAll(() => model.dispose());
const never = new AbortController().signal;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "prumerge-run-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const { configurations } = planConfigurations(
  ["prumerge+", "random", "none"],
  [{ kind: "exact", rows: 16 }],
  3,
);
const task = sampleTask([
  { text: "Where is the bear?" },
  { picture: samplePicture(1), text: "What is on the left?" },
  { text: "Is there a cat?" },
  { picture: samplePicture(1), text: "How many things are there?" },
  { picture: undefined, text: "Hello?" },
]);

const here: Answerer = (assignments, record, stop) =>
  answerHere(model, assignments, record, { prompt: "model", imageAspect: null, stop, worker: null });

function options(
  more: Partial<EvaluationOptions> = {},
  tasks: readonly RunnableTask[] = [task],
): EvaluationOptions {
  return {
    folder,
    command: {
      words: ["eval", "sample"],
      versions: { prumerge: "1", node: "v20", onnxruntime: "1.30.0" },
      machine: { processor: "p", cores: 2, memoryBytes: 1, platform: "linux x64" },
      model: { name: "pocket-llava", hash: "ab".repeat(32), files: [] },
      prompt: "model",
      generation: { maxNewTokens: null, imageAspect: null, device: "cpu" },
    },
    tasks,
    configurations,
    selection: { limit: null, shard: null },
    retryFailed: false,
    answer: here,
    stop: never,
    ...more,
  };
}

async function records(): Promise<AnswerRecord[]> {
  const all: AnswerRecord[] = [];
  for await (const record of readRecords(folder)) if (record.kind === "answer") all.push(record);
  return all;
}

const files = () =>
  [
    ...configurations.map(({ name }) => runFiles.answers(folder, "sample", name)),
    runFiles.scores(folder),
  ].map((path) => readFileSync(path, "utf8"));

describe("evaluate", () => {
  it("answers every question under every configuration; a picture's questions share what they have in common", async () => {
    const evaluation = await evaluate(options());
    expect(evaluation).toMatchObject({ stopped: false, failed: 0 });
    const all = await records();
    expect(all.map(({ configuration, id }) => `${configuration} ${id}`)).toEqual(
      ["q0 q2", "q1 q3", "q4"].flatMap((ids) =>
        configurations.flatMap(({ name }) => ids.split(" ").map((id) => `${name} ${id}`)),
      ),
    );
    for (const { id, configuration, reusedTokens, visualTokens, kept, unreducedTokens, timings } of all) {
      const expected = id === "q4" ? 0 : configuration === "none" ? 576 : 16;
      expect(visualTokens).toBe(expected);
      expect(unreducedTokens).toBe(id === "q4" ? 0 : 576);
      expect(kept?.count).toBe(
        id === "q4" ? undefined : configuration === "prumerge-plus-16" ? 15 : expected,
      );
      expect(reusedTokens > 0).toBe(["q2", "q3"].includes(id));
      expect(timings.encode > 0).toBe(id !== "q4");
    }
    const scores = await readScores(folder);
    expect(scores?.results).toEqual(evaluation.scores);
    expect(scores?.results[0]).toMatchObject({
      task: "sample",
      configuration: "prumerge-plus-16",
      questions: 5,
      meanVisualTokens: 16,
    });
    expect(await readRun(folder)).toMatchObject({ tasks: [{ name: "sample", selected: 5, available: 5 }] });
    const lines = files()[0]!.trimEnd().split("\n");
    expect(lines.map((line) => answerLineSchema.parse(JSON.parse(line)).question_id)).toEqual([
      ...["q0", "q1", "q2", "q3", "q4"],
    ]);
  });

  it("sees a picture for each question where the method reads it", async () => {
    const { configurations } = planConfigurations(["cdpruner"], [{ kind: "exact", rows: 16 }], 0);
    expect(await evaluate(options({ configurations }))).toMatchObject({ stopped: false, failed: 0 });
    const all = await records();
    expect(all.map(({ id }) => id)).toEqual(["q0", "q2", "q1", "q3", "q4"]);
    for (const { id, kept, reusedTokens, timings } of all) {
      expect(kept?.count).toBe(id === "q4" ? undefined : 16);
      expect(timings.encode > 0).toBe(id !== "q4");
      expect(reusedTokens).toBeLessThan(16); // no row of another question's picture
    }
    const [first, , third] = all;
    expect(first!.kept).not.toEqual(third!.kept);
    const seen = await model.see(samplePath("sample_1.png"), cdPruner({ tokens: 16 }), {
      question: "What is on the left?",
    });
    expect(all.find(({ id }) => id === "q1")!.kept).toEqual(writeKeptPatches(seen.plan, seen.sites));
  });

  it("ends where a method has another number of tokens than it is called by, and scores nothing under that name", async () => {
    const cheating = Object.create(model, {
      see: { value: (pixels: PixelValues) => model.see(pixels, createReducer("uniform", { tokens: 72 })) },
      prepare: { value: model.prepare.bind(model) },
      answer: { value: model.answer.bind(model) },
    }) as typeof model;
    const answer: Answerer = (assignments, record, stop) =>
      answerHere(cheating, assignments, record, { prompt: "model", imageAspect: null, stop, worker: null });
    await expect(evaluate(options({ answer }))).rejects.toThrow(
      /prumerge-plus-16, sample_3.png: .*does not keep to its budget; expected 16 visual tokens, found 72/,
    );
    expect(await records()).toEqual([]);
    expect(existsSync(runFiles.scores(folder))).toBe(false);
    const { configurations: capped } = planConfigurations(["prumerge+"], [{ kind: "cap", rows: 64 }], 0);
    await expect(evaluate(options({ answer, configurations: capped }))).rejects.toThrow(
      /expected 64 or fewer visual tokens, found 72/,
    );
    const { configurations: quarter } = planConfigurations(["uniform"], [{ kind: "share", ratio: 0.25 }], 0);
    await expect(evaluate(options({ answer, configurations: quarter }))).rejects.toThrow(
      /expected 25% visual tokens, found 72/,
    );
  });

  it("continues after any answer to the same journal and files, and asks nothing twice", async () => {
    await evaluate(options());
    const [whole, wholeFiles] = [journalContent(runFiles.journal(folder)), files()];
    rmSync(folder, { recursive: true });
    let asked = 0;
    for (let run = 0, stopped = true; stopped; run++) {
      const stop = new AbortController();
      let left = 1 + (run % 3);
      const record = () => {
        asked++;
        if (--left === 0) stop.abort();
      };
      ({ stopped } = await evaluate(options({ stop: stop.signal, on: { record } })));
      expect(existsSync(runFiles.scores(folder))).toBe(!stopped);
    }
    expect(asked).toBe(15);
    expect(journalContent(runFiles.journal(folder))).toEqual(whole);
    expect(files()).toEqual(wholeFiles);
    const begun: number[][] = [];
    await evaluate(options({ on: { begin: (...counts) => begun.push(counts), record: () => asked++ } }));
    expect([asked, begun]).toEqual([15, [[15, 15]]]);
    expect((await readRun(folder))?.commands).toHaveLength(1);
  });

  it("adds tasks and configurations to a run, and keeps what it has", async () => {
    const [none] = configurations.slice(-1);
    await evaluate(options({ configurations: [none!] }));
    const other = { ...sampleTask([{ text: "Where is the train?" }], "other") };
    await evaluate(options({ configurations: configurations.slice(0, 1) }, [other]));
    const run = await readRun(folder);
    expect(run?.tasks.map(({ name }) => name)).toEqual(["sample", "other"]);
    expect(run?.configurations.map(({ name }) => name)).toEqual(["none", "prumerge-plus-16"]);
    const scores = await readScores(folder);
    expect(scores?.results.map((one) => `${one.task} ${one.configuration}`)).toEqual([
      "sample none",
      "other prumerge-plus-16",
    ]);
  });

  it("records a question that fails and goes on; it is asked again only on request", async () => {
    const damaged = { name: "damaged.png", bytes: readFileSync(`${task.data}sample_3.png`).subarray(0, 900) };
    const tooLong = "Tell me more about everything. ".repeat(400);
    const poisoned = sampleTask([{ picture: damaged }, { text: tooLong }, {}, { text: "Is there a cat?" }]);
    const evaluation = await evaluate(options({}, [poisoned]));
    expect(evaluation.failed).toBe(6);
    expect(evaluation.scores[0]).toMatchObject({ questions: 4, failed: 2, headline: { value: 50 } });
    const failures = [];
    for await (const record of readRecords(folder)) if (record.kind === "failure") failures.push(record);
    expect(failures.map(({ id, code }) => `${id} ${code}`).slice(0, 3)).toEqual(
      Array(3).fill("q0 INVALID_IMAGE"),
    );
    expect(failures.filter(({ id, code }) => id === "q1" && code === "CONTEXT_EXCEEDED")).toHaveLength(3);
    const line = JSON.parse(files()[0]!.split("\n")[0]!);
    expect(line).toMatchObject({ text: "", metadata: { failure: "INVALID_IMAGE" } });
    const asked: string[] = [];
    const spy: Answerer = async (assignments) => {
      for (const { questions } of assignments) asked.push(...questions.map(({ id }) => id));
    };
    await evaluate(options({ answer: spy }, [poisoned]));
    expect(asked).toEqual([]);
    await evaluate(options({ answer: spy, retryFailed: true }, [poisoned]));
    expect(asked).toEqual(["q0", "q0", "q0", "q1", "q1", "q1"]);
  });

  it.each([
    ["broken", Number.POSITIVE_INFINITY],
    ["whole", 1],
  ])("blames a failure of the runtime on the question only where the model is %s", async (state, times) => {
    let left = times;
    const failing = Object.assign(Object.create(model), {
      prepare: model.prepare.bind(model),
      answer: model.answer.bind(model),
      see(image: never, reducer: never) {
        if (left-- > 0) return Promise.reject(new PrumergeError("RUNTIME", "the engine's worker ended"));
        return model.see(image, reducer);
      },
    });
    const answer: Answerer = (assignments, record, stop) =>
      answerHere(failing, assignments, record, { prompt: "model", imageAspect: null, stop, worker: null });
    const run = evaluate(options({ answer }));
    if (state === "whole") expect(await run).toMatchObject({ failed: 2, stopped: false });
    else await expect(run).rejects.toMatchObject({ code: "RUNTIME" });
    expect(journalContent(runFiles.journal(folder))).toHaveLength(state === "whole" ? 16 : 1);
  });

  it("answers a split without labels, and leaves its score to those who have them", async () => {
    const help = "Upload the answers";
    const judge = () => {
      throw new PrumergeError("NO_LABELS", "this split has no public labels", { help });
    };
    const unlabelled = { ...task, loaded: { ...task.loaded, judge } };
    const selection = { limit: 2, shard: null };
    const [none] = configurations.slice(-1);
    const evaluation = await evaluate(options({ selection, configurations: [none!] }, [unlabelled]));
    expect(evaluation).toMatchObject({ scores: [], failed: 0 });
    expect(evaluation.unscored).toEqual([`sample: this split has no public labels. ${help}`]);
    expect(readFileSync(runFiles.answers(folder, "sample", "none"), "utf8").split("\n")).toHaveLength(3);
  });

  it("is refused over a run of another model, in use by another process, and without its pictures", async () => {
    await evaluate(options());
    const { command } = options();
    const other = { ...command, model: { ...command.model, hash: "cd".repeat(32) } };
    await expect(evaluate(options({ command: other }))).rejects.toThrow(/differs in the model's files/);
    let end: (() => void) | undefined;
    const slow: Answerer = () => new Promise((resolve) => (end = resolve));
    const first = evaluate(options({ answer: slow }));
    await vi.waitUntil(() => end, 10_000);
    await expect(evaluate(options())).rejects.toThrow(/another process is writing/);
    end!();
    await first;
    const gone = sampleTask([{}, { picture: { name: "gone.png", path: "/nowhere/gone.png" } }]);
    await expect(evaluate(options({}, [gone]))).rejects.toMatchObject({
      code: "NOT_FOUND",
      details: { where: "/nowhere/gone.png", help: expect.stringContaining("Question q1 of sample") },
    });
  });
});
