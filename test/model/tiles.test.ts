import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LoadedModel, loadModel, methods } from "prumerge";
import { convert } from "prumerge/convert";
import { decodePicture, preprocessFrames } from "prumerge/image";
import {
  acrossFrames,
  cover,
  densePlan,
  divPrune,
  insideOf,
  noReduction,
  planSites,
  pruMerge,
  pruMergePlus,
  type Sites,
  uniformSampling,
} from "prumerge/reduce";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenPath } from "../support/checkpoint-folder.js";
import { greatestDifference } from "../support/compare.js";
import { originalOnevision } from "../support/onevision-checkpoint.js";
import { floats, readFixture } from "../support/safetensors.js";

const temporary = mkdtempSync(join(tmpdir(), "prumerge-tiles-"));
const loaded: LoadedModel[] = [];
afterAll(async () => {
  for (const model of loaded) await model.dispose();
  rmSync(temporary, { recursive: true, force: true });
});

let count = 0;
async function load(source: string, options: Parameters<typeof convert>[2] = {}): Promise<LoadedModel> {
  const folder = join(temporary, String(count++));
  await convert(source, folder, { dtype: "fp32", workers: 0, ...options });
  const model = await loadModel(folder, { worker: false });
  loaded.push(model);
  return model;
}

const picture = (name: "b" | "c" | "d") => goldenPath(`llava_onevision/tiny-ov-qwen2-${name}.png`);
/** Whether a patch of a picture shows padding. */
function isPadding({ regions }: Sites, patch: number): boolean {
  const region = regions.findLast(({ first }) => first <= patch)!;
  const { top, left, rows, columns } = insideOf(region);
  const [row, column] = [
    Math.floor((patch - region.first) / region.columns),
    (patch - region.first) % region.columns,
  ];
  return row < top || row >= top + rows || column < left || column >= left + columns;
}

describe("a plan of several views", () => {
  it.each([
    ["llava_next", "tiny-next-llama", "tiny-next-llama-b.png"],
    ["llava_onevision", "tiny-ov-qwen2", "tiny-ov-qwen2-b.png"],
    ["smolvlm", "tiny-idefics3", "tiny-idefics3.a.png"],
  ])("is made elsewhere from what was read of each as the model makes it: %s", async (family, name, image) => {
    const model = await load(goldenPath(`${family}/${name}`));
    const pixels = await model.prepare(goldenPath(`${family}/${image}`));
    const { sites, signals } = await model.see(pixels, noReduction(), { signals: true });
    expect(sites.regions.length).toBeGreaterThan(1);
    for (const reducer of [
      pruMergePlus({ tokens: 11 }),
      pruMerge(),
      cover({ keepRatio: 0.5 }),
      uniformSampling({ tokens: 2 }), // some views get none
      divPrune({ tokens: sites.count === 80 ? 79 : 20 }), // some views stay whole
    ]) {
      const { plan } = await model.see(pixels, reducer);
      const planned = planSites(reducer, sites, signals!);
      expect([...planned.keptPatches]).toEqual([...plan.keptPatches]);
      // The graph's entries of a row come in another order.
      expect(greatestDifference(densePlan(planned).data, densePlan(plan).data), reducer.method).toBeLessThan(
        1e-4,
      );
    }
  });
});

describe("an adapter on a model of pictures in tiles", () => {
  it.each([
    ["next", "llava_next"],
    ["onevision", "llava_onevision"],
    ["smolvlm", "smolvlm"],
  ])("answers as the model that peft tuned: %s", async (name, family) => {
    const lora = fileURLToPath(new URL(`../fixtures/lora-tiles/${name}`, import.meta.url));
    const expected = JSON.parse(readFileSync(join(lora, "expected.json"), "utf8"));
    const model = await load(goldenPath(`${family}/${expected.model}`), { lora });
    const seen = await model.see(goldenPath(`${family}/${expected.image}`), noReduction());
    const { tokenIds, logits } = await model.answer(
      seen,
      { prompt: expected.prompt },
      { maxNewTokens: expected.greedy_ids.length, keepLogits: true },
    ).result;
    expect(tokenIds).toEqual(expected.greedy_ids);
    const recorded = floats(readFixture(join(lora, "expected.safetensors")), "greedy_logits");
    const vocabulary = recorded.length / tokenIds.length;
    const ours = Float32Array.from(logits!.flatMap((row) => [...row].slice(0, vocabulary)));
    expect(greatestDifference(ours, recorded)).toBeLessThan(1e-3);
  });
});

describe("LLaVA-OneVision, reduced", () => {
  let model: LoadedModel;
  beforeAll(async () => {
    model = await load(goldenPath("llava_onevision/tiny-ov-qwen2"));
  });

  it.each(
    methods
      .filter(({ name, budgets }) => name !== "none" && budgets.includes("exact"))
      .map(({ name }) => name),
  )("%s keeps a count over all views, and no padding", async (name) => {
    const reducer = methods.find((method) => method.name === name)!.create({}, { kind: "exact", rows: 40 });
    const seen = await model.see(picture("b"), reducer, { question: "What is shown?" });
    const { visualTokens, unreducedTokens, views } = seen.statistics;
    expect({ visualTokens, unreducedTokens, rows: seen.embeddings.rows }).toEqual({
      visualTokens: 40,
      unreducedTokens: 313,
      rows: 40,
    });
    expect(views!.map(({ patches }) => patches)).toEqual(
      seen.sites.regions.map((region) => {
        const { rows, columns } = insideOf(region);
        return rows * columns;
      }),
    );
    expect(views!.reduce((sum, view) => sum + view.visualTokens, 0)).toBe(40);
    expect(
      [...seen.plan.columns].filter((patch) => patch < seen.sites.count && isPadding(seen.sites, patch)),
    ).toEqual([]);
    const { text } = await model.answer(seen, "What is shown?", { maxNewTokens: 2 }).result;
    expect(text).not.toBe("");
  });

  it("takes shares of the patches that show the picture, and gives views nothing where little is left", async () => {
    const { statistics } = await model.see(picture("b"), uniformSampling({ keepRatio: 0.25 }));
    const shown = statistics.views!.reduce((sum, { patches }) => sum + patches, 0);
    expect(statistics.visualTokens).toBe(Math.round(shown / 4));
    const few = await model.see(picture("c"), cover({ tokens: 5 }));
    expect(few.statistics.views!.filter(({ visualTokens }) => visualTokens === 0)).toHaveLength(8);
  });

  it("puts kept rows where the shrunk map shows their patches, and the text where it would go on", async () => {
    const seen = await model.see(picture("c"), pruMergePlus({ tokens: 60 }), { positions: "original" });
    expect(seen.statistics.unreducedTokens).toBe(505);
    expect(seen.place!.advance).toBe(505);
    for (const [row, at] of seen.place!.at.entries()) {
      const patch = seen.plan.keptPatches[row]!;
      if (patch >= 0 && patch < 49) expect(at).toBe(patch);
      expect(at).toBeGreaterThanOrEqual(0);
      expect(at).toBeLessThan(505);
    }
    const { missingPositions } = await model.answer(seen, "Where?", { maxNewTokens: 1 }).result;
    expect(missingPositions).toBeUndefined();
  });

  it("shows the whole picture alone where it is asked, with the vector that ends it", async () => {
    const seen = await model.see(picture("b"), pruMergePlus({ tokens: 10 }), { views: "base" });
    expect(seen.sites.regions).toHaveLength(1);
    expect(seen.statistics).toMatchObject({ unreducedTokens: 50, visualTokens: 10 });
    expect(seen.origin.at(-1)).toBe(-1);
    const whole = await model.see(picture("b"), noReduction(), { views: "base" });
    const all = await model.see(picture("b"), noReduction());
    expect(whole.embeddings.data.slice(0, 49 * 64)).toEqual(all.embeddings.data.slice(0, 49 * 64));
  });

  it("is shown several pictures as one square each, unless all views are asked for", async () => {
    const counts = async (options: Parameters<LoadedModel["see"]>[2]) =>
      (await model.see([picture("b"), picture("d")], noReduction(), options)).map(
        ({ statistics }) => statistics.visualTokens,
      );
    expect(await counts({})).toEqual([50, 50]);
    expect(await counts({ views: "all" })).toEqual([313, 89]);
    const [one] = await model.see([picture("b")], noReduction());
    expect(one!.statistics.visualTokens).toBe(313);
    const first = await model.see(picture("b"), noReduction(), { pictures: 2 });
    const [again] = await model.see([picture("b"), picture("d")], noReduction());
    expect(first.embeddings.data).toEqual(again!.embeddings.data);
  });

  it("takes frames of a video, with one vector behind all of them, which stays", async () => {
    const frames = await Promise.all(
      [0, 1, 2, 3].map((at) => decodePicture(goldenPath(`llava_onevision/tiny-ov-qwen2-v${at}.png`))),
    );
    const pixels = preprocessFrames(frames, model.preprocessing);
    const whole = await model.see(pixels, noReduction());
    expect(whole.statistics).toMatchObject({ unreducedTokens: 65, visualTokens: 65 });
    const seen = await model.see(pixels, uniformSampling({ tokens: 21 }), { positions: "original" });
    expect(seen.statistics.views!.map(({ visualTokens }) => visualTokens)).toEqual([5, 5, 5, 5]);
    expect(seen.sites.regions.map(({ frame }) => frame)).toEqual([0, 1, 2, 3]);
    expect(seen.embeddings.data.slice(20 * 64)).toEqual(whole.embeddings.data.slice(64 * 64));
    // Each row stands among the 16 of its frame, the vector at the end.
    const places = [...seen.place!.at];
    expect(places.slice(0, 20).map((at) => Math.floor(at / 16))).toEqual(
      [0, 1, 2, 3].flatMap((frame) => Array(5).fill(frame)),
    );
    expect([places.at(-1), seen.place!.advance]).toEqual([64, 65]);
    // One plan over all frames, and the same vector behind it.
    const across = await model.see(pixels, acrossFrames(divPrune({ tokens: 21 })));
    expect(across.embeddings.rows).toBe(21);
    expect(across.embeddings.data.slice(20 * 64)).toEqual(whole.embeddings.data.slice(64 * 64));
    const kept = [...across.plan.keptPatches];
    expect([kept.length, new Set(kept).size]).toEqual([20, 20]);
    expect(kept).toEqual([...kept].sort((a, b) => a - b));
    expect(() => preprocessFrames([], model.preprocessing)).toThrow(/a video without a frame/);
  });

  it("talks over several turns, with a picture in a later one", async () => {
    const two = await model.see([picture("b"), picture("d")], pruMergePlus({ tokens: 20 }));
    const chat = model.chat(await model.see(picture("b"), pruMergePlus({ tokens: 20 })));
    const first = await chat.ask("What is shown?", { maxNewTokens: 3 }).result;
    expect(first.visualTokens).toBe(20);
    chat.showAnew(two);
    const second = await chat.ask("What has changed?", { maxNewTokens: 3 }).result;
    expect(second.visualTokens).toBe(40);
    const whole = await model.answer(
      two,
      [
        { role: "user", content: [{ type: "image" }, { type: "text", text: "What is shown?" }] },
        { role: "assistant", content: first.text },
        { role: "user", content: [{ type: "image" }, { type: "text", text: "What has changed?" }] },
      ],
      { maxNewTokens: 3, reusePrefix: false },
    ).result;
    expect(second.tokenIds).toEqual(whole.tokenIds);
  });
});

describe("SmolVLM, reduced", () => {
  let model: LoadedModel;
  beforeAll(async () => {
    model = await load(goldenPath("smolvlm/tiny-idefics3"));
  });
  const image = (name: "a" | "d.0" | "d.1") => goldenPath(`smolvlm/tiny-idefics3.${name}.png`);

  it.each(
    methods
      .filter(({ name, budgets }) => name !== "none" && budgets.includes("exact"))
      .map(({ name }) => name),
  )("%s keeps a count of blocks over all views, the same in the graph as planned", async (name) => {
    const reducer = methods.find((method) => method.name === name)!.create({}, { kind: "exact", rows: 23 });
    const question = "What is shown?";
    const seen = await model.see(image("a"), reducer, { question });
    expect(seen.statistics).toMatchObject({ visualTokens: 23, unreducedTokens: 80 });
    expect(seen.parted!.runs.map(({ embeddings }) => embeddings.rows)).toEqual(
      seen.statistics.views!.map(({ visualTokens }) => visualTokens),
    );
    const { inGraph: _, ...planned } = reducer;
    const other = await model.see(image("a"), planned, { question });
    expect(other.statistics.inGraph).toBe(false);
    expect([...other.plan.keptPatches]).toEqual([...seen.plan.keptPatches]);
    expect(greatestDifference(other.embeddings.data, seen.embeddings.data)).toBeLessThan(1e-4);
    const { promptTokens } = await model.answer(seen, question, { maxNewTokens: 1 }).result;
    const whole = await model.see(image("a"), noReduction());
    const unreduced = await model.answer(whole, question, { maxNewTokens: 1 }).result;
    expect(unreduced.promptTokens - promptTokens).toBe(57); // every marker stays
  });

  it("shows the whole picture alone where it is asked, as one view", async () => {
    const seen = await model.see(image("a"), pruMergePlus({ tokens: 5 }), { views: "base" });
    expect(seen.statistics).toMatchObject({ unreducedTokens: 16, visualTokens: 5 });
    expect(seen.parted!.texts).toEqual([
      "<fake_token_around_image><global-img>",
      "<fake_token_around_image>",
    ]);
  });

  it.each([
    "contiguous",
    "original",
    "far",
  ] as const)("talks over several turns at %s positions, with a picture in a later one", async (positions) => {
    const reducer = uniformSampling({ keepRatio: 0.25 });
    const two = await model.see([image("d.0"), image("d.1")], reducer, { positions });
    const chat = model.chat(two[0]!);
    const first = await chat.ask("What is shown?", { maxNewTokens: 3 }).result;
    chat.showAnew(two);
    const second = await chat.ask("What has changed?", { maxNewTokens: 3 }).result;
    const whole = await model.answer(
      two,
      [
        { role: "user", content: [{ type: "image" }, { type: "text", text: "What is shown?" }] },
        { role: "assistant", content: first.text },
        { role: "user", content: [{ type: "image" }, { type: "text", text: "What has changed?" }] },
      ],
      { maxNewTokens: 3, reusePrefix: false },
    ).result;
    expect(second.tokenIds).toEqual(whole.tokenIds);
    expect(second.promptTokens).toBe(whole.promptTokens);
  });

  it("forgets what it knows of a picture's runs", async () => {
    const seen = await model.see(image("a"), uniformSampling({ keepRatio: 0.25 }));
    const { prompts } = model.prefixMemory;
    await model.answer(seen, "What is shown?", { maxNewTokens: 1 }).result;
    await model.forget(seen);
    expect(model.prefixMemory.prompts).toBeLessThanOrEqual(prompts);
    const again = await model.answer(seen, "What is shown?", { maxNewTokens: 1 }).result;
    expect(again.reusedTokens).toBeLessThan(20);
  });
});

it("an original checkpoint answers as Hugging Face's form of it, where both round alike", async () => {
  const { folder, visionTower } = originalOnevision();
  const [own, other] = [
    await load(goldenPath("llava_onevision/tiny-ov-qwen2")),
    await load(folder, { visionTower }),
  ];
  const seen = await Promise.all([own, other].map((model) => model.see(picture("b"), noReduction())));
  expect(seen[1]!.embeddings.data).toEqual(seen[0]!.embeddings.data);
  const prompt = "<|im_start|>user\n<image>\nWhat?<|im_end|>\n<|im_start|>assistant\n";
  const answers = await Promise.all(
    [own, other].map((model, at) => model.answer(seen[at]!, { prompt }, { maxNewTokens: 6 }).result),
  );
  expect(answers[1]!.tokenIds).toEqual(answers[0]!.tokenIds);
});
