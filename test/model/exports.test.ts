import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LoadedModel, loadModel, type Reducer, type VisualTokens } from "prumerge";
import { convert } from "prumerge/convert";
import { cover, divPrune, methods, noReduction, pruMerge, uniformSampling } from "prumerge/reduce";
import { afterAll, describe, expect, it } from "vitest";
import { oneHotRows } from "../../src/reduce/one-hot.js";
import { type ExportedModel, exportedFolder, exportedModels } from "../support/exported-folder.js";
import { floats, readFixture } from "../support/safetensors.js";

const goldens = fileURLToPath(new URL("../fixtures/goldens/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "prumerge-exports-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Case {
  readonly name: string;
  readonly expected_file: string;
  readonly parameters: { readonly positions?: "contiguous" | "original" };
  readonly inputs: {
    readonly model: string;
    readonly image?: string;
    readonly images?: readonly string[] | null;
    readonly prompt: string;
    readonly do_image_splitting?: boolean;
    readonly kept_indices?: readonly (readonly number[])[];
    readonly merge_matrix?: string | null;
  };
  readonly expected: {
    readonly kept_indices?: readonly (readonly number[])[] | null;
    readonly merge_matrix?: string | null;
    readonly sequence_length?: number;
    readonly greedy_ids: readonly number[] | null;
    readonly greedy_logits?: string | null;
    readonly greedy_logits_first_4?: string;
    readonly image_features?: string;
  };
}

function casesOf(name: ExportedModel): readonly Case[] {
  const [family, model] = exportedModels[name].split("/") as [string, string];
  const { cases = [] } = JSON.parse(readFileSync(join(goldens, family, "manifest.json"), "utf8"));
  return cases.filter(
    ({ inputs }: Partial<Case>) => inputs?.model === model && (inputs.images ?? inputs.image),
  );
}

async function withExport<T>(name: ExportedModel, use: (model: LoadedModel) => Promise<T>): Promise<T> {
  const model = await loadModel(exportedFolder(name, join(folder, name)));
  try {
    return await use(model);
  } finally {
    await model.dispose();
  }
}

const familyOf = (name: ExportedModel) => join(goldens, exportedModels[name].split("/")[0]!);
const picturesOf = (name: ExportedModel, { inputs }: Case) =>
  (inputs.images ?? [inputs.image!]).map((file) => join(familyOf(name), file));
const largest = (ours: ArrayLike<number>, theirs: ArrayLike<number>) => {
  expect(ours.length).toBe(theirs.length);
  return Math.max(...Array.from(ours, (value, at) => Math.abs(value - theirs[at]!)));
};

/** Keeps the recorded rows, one view or picture after another, and reads nothing of the tower. */
function keeping(kept: readonly (readonly number[])[]): Reducer {
  let view = 0;
  return {
    method: "given",
    budget: { kind: "rule" },
    options: {},
    need: {},
    plan: ({ patches }) => oneHotRows(patches.rows, Int32Array.from(kept[view++]!)),
  };
}

describe.each([
  "idefics3",
  "smolvlm",
  "qwen2-vl",
] as const)("graphs of %s that another program exported", (name) => {
  it(
    "answer as transformers does, unreduced and with rows left out",
    () =>
      withExport(name, async (model) => {
        const seen = new Set<string>();
        for (const test of casesOf(name)) {
          const { inputs, expected } = test;
          const kept = inputs.kept_indices ?? expected.kept_indices ?? undefined;
          if (
            expected.greedy_ids == null ||
            expected.sequence_length === undefined ||
            (inputs.merge_matrix ?? expected.merge_matrix)
          )
            continue;
          const { positions } = test.parameters;
          const shown: VisualTokens[] = [];
          const reducer = kept === undefined ? noReduction() : keeping(kept);
          for (const picture of picturesOf(name, test)) {
            const options = {
              ...(positions && { positions }),
              ...(inputs.do_image_splitting === false && { views: "base" as const }),
            };
            shown.push(await model.see(picture, reducer, options));
          }
          const options = { maxNewTokens: expected.greedy_ids.length, keepLogits: true };
          const answer = await model.answer(shown, { prompt: inputs.prompt }, options).result;
          expect([test.name, answer.tokenIds]).toEqual([test.name, expected.greedy_ids]);
          expect(answer.promptTokens).toBe(expected.sequence_length);
          const tensors = readFixture(join(familyOf(name), test.expected_file));
          const recorded = floats(tensors, (expected.greedy_logits ?? expected.greedy_logits_first_4)!);
          const logits = answer.logits!.flatMap((row) => [...row]).slice(0, recorded.length);
          expect(largest(logits, recorded)).toBeLessThan(1e-3);
          seen.add(kept === undefined ? "unreduced" : "reduced");
        }
        expect([...seen].sort()).toEqual(name === "qwen2-vl" ? ["unreduced"] : ["reduced", "unreduced"]);
      }),
    60_000,
  );

  it("are reduced as a converted folder is by what reads rows alone, and refuse what reads more, saying why", async () => {
    const test = casesOf(name)[0]!;
    const [picture] = picturesOf(name, test);
    const converted = await convert(join(goldens, exportedModels[name]), join(folder, `${name}-own`), {
      dtype: "fp32",
    });
    const reducers = [
      divPrune({ keepRatio: 0.4 }),
      cover({ keepRatio: 0.4, sizeBias: false }),
      uniformSampling({ rows: 2, columns: 2 }),
    ];
    const own = await loadModel(converted.path);
    const see = async (model: LoadedModel) => {
      const all: VisualTokens[] = [];
      for (const reducer of reducers) all.push(await model.see(picture!, reducer));
      return all;
    };
    const expected = await see(own);
    await own.dispose();
    await withExport(name, async (model) => {
      for (const [at, { embeddings, plan }] of (await see(model)).entries()) {
        expect([...plan.keptPatches]).toEqual([...expected[at]!.plan.keptPatches]);
        expect(largest(embeddings.data, expected[at]!.embeddings.data)).toBeLessThan(1e-4);
      }
      await expect(model.see(picture!, pruMerge())).rejects.toMatchObject({
        code: "INVALID_OPTION",
        message: expect.stringMatching(
          /vision_encoder\.onnx: this folder's encoder does not show what the method reads; expected keys and queries of layer -1, found outputs image_features/,
        ),
      });
      const support = model.methodSupport;
      const names = model.methods.map((method) => method.name);
      for (const method of methods) {
        expect([method.name, names.includes(method.name)]).toEqual([
          method.name,
          support[method.name] !== "no",
        ]);
        if (support[method.name] === "no") continue;
        const share = { kind: "share", ratio: 0.3 } as const;
        const reducer = method.create({}, method.budgets.includes("share") ? share : method.defaultBudget);
        const seen = await model.see(picture!, reducer, { question: "What is there?" });
        expect(seen.bias, method.name).toBeUndefined();
        const { text } = await model.answer(seen, "What is there?", { maxNewTokens: 2 }).result;
        expect(text, method.name).toEqual(expect.any(String));
      }
      expect(names).toEqual(
        expect.arrayContaining(["cover", "divprune", "uniform", "random", "pool", "none"]),
      );
      expect(names).not.toEqual(expect.arrayContaining(["prumerge"]));
      expect(model.notes[0]).toMatch(
        /only encodes: methods that read its layers do not run \(prumerge, .*visionzip.*\)/,
      );
      expect((await model.see(picture!)).statistics).toMatchObject({
        method: "cover",
        options: { sizeBias: false },
      });
      await expect(model.see(picture!, cover({ sizeBias: true, keepRatio: 0.3 }))).rejects.toThrow(
        /takes no bias of rows/,
      );
    });
  }, 60_000);
});

describe("graphs of LLaVA-OneVision that another program exported", () => {
  const name = "llava-onevision";

  it("show the whole picture as transformers does, without the separator that they lack, which is said", () =>
    withExport(name, async (model) => {
      const test = casesOf(name).find(({ name: own }) => own === "tiny-ov-qwen2-full-c")!;
      const [picture] = picturesOf(name, test);
      const tensors = readFixture(join(familyOf(name), test.expected_file));
      const recorded = floats(tensors, test.expected.image_features!);
      const seen = await model.see(picture!, noReduction(), { views: "base" });
      expect([seen.embeddings.rows, seen.statistics.unreducedTokens]).toEqual([49, 50]);
      expect(largest(seen.embeddings.data, recorded.subarray(0, seen.embeddings.data.length))).toBeLessThan(
        1e-4,
      );
      expect(model.notes).toContainEqual(
        expect.stringMatching(/do not hold the separator.*image_newline.*answers/),
      );
      await expect(model.see(picture!, noReduction())).rejects.toThrow(
        /no separator.*views: base.*prumerge convert/,
      );
    }));

  it("reduce tiles as a converted folder does", async () => {
    const test = casesOf(name).find(({ name: own }) => own === "tiny-ov-qwen2-full-c")!;
    const [picture] = picturesOf(name, test);
    const converted = await convert(join(goldens, exportedModels[name]), join(folder, "ov-own"), {
      dtype: "fp32",
    });
    const ask = async (model: LoadedModel) => {
      const seen = await model.see(picture!, divPrune({ tokens: 60 }));
      const { tokenIds } = await model.answer(seen, { prompt: test.inputs.prompt }, { maxNewTokens: 8 })
        .result;
      return { seen, tokenIds };
    };
    const own = await loadModel(converted.path);
    const expected = await ask(own);
    await own.dispose();
    await withExport(name, async (model) => {
      const { seen, tokenIds } = await ask(model);
      expect(seen.statistics.views!.length).toBe(13);
      expect(largest(seen.embeddings.data, expected.seen.embeddings.data)).toBeLessThan(1e-4);
      expect(tokenIds).toEqual(expected.tokenIds);
    });
  }, 60_000);
});
