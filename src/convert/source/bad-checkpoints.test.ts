import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  type Changes,
  changedCopy,
  encodeTensors,
  goldenPath,
  shard,
  temporaryFolder,
  writeJson,
} from "../../../test/support/checkpoint-folder.js";
import { refusal } from "../../../test/support/refusal.js";
import { readFixture } from "../../../test/support/safetensors.js";
import type { ErrorCode } from "../../errors.js";
import { outputWeight } from "../../graphs/names.js";
import { openCheckpoint } from "./open-checkpoint.js";

const llama = "llava/tiny-llava-llama";
const norm = "language_model.model.norm.weight";
const one = { shape: [1], data: Float32Array.of(1) };

async function refused(code: ErrorCode, folder: string, ...messages: RegExp[]): Promise<void> {
  const error = await refusal(code, () => openCheckpoint(folder));
  expect(error.message.startsWith(folder)).toBe(true);
  for (const message of messages) expect(error.message).toMatch(message);
}

/** The notes of a changed copy, which opens. */
async function noted(changes: Changes): Promise<readonly string[]> {
  return (await openCheckpoint(changedCopy(llama, changes))).notes;
}
const refusedCopy = (code: ErrorCode, changes: Changes, ...messages: RegExp[]) =>
  refused(code, changedCopy(llama, changes), ...messages);

describe("tensors", () => {
  it("missing: named, with their number", async () => {
    const rename = (name: string) => (name.includes("k_proj") ? undefined : name);
    // 4 tower layers with biases, 2 language layers without
    await refusedCopy(
      "INVALID_FILE",
      { rename },
      /10 missing/,
      /layers\.0\.self_attn\.k_proj\.weight/,
      /6 more/,
    );
  });

  it("missing: the output layer of a model that is not tied", async () => {
    const rename = (name: string) => (name === outputWeight ? undefined : name);
    await refusedCopy("INVALID_FILE", { rename }, /1 missing: language_model\.lm_head\.weight/);
  });

  it("extra: a layer beyond the configuration", async () => {
    const tensors: Changes["tensors"] = (all) =>
      all.set("language_model.model.layers.2.input_layernorm.weight", one);
    await refusedCopy("INVALID_FILE", { tensors }, /1 extra: language_model\.model\.layers\.2/);
  });

  it("extra: names of no known layout", async () => {
    const tensors: Changes["tensors"] = (all) => all.set("image_newline", one).set("qformer.a", one);
    await refusedCopy("INVALID_FILE", { tensors }, /2 extra: image_newline, qformer\.a/);
  });

  it("surplus that older versions saved is passed over and said, by kind", async () => {
    const names = [
      "language_model.model.layers.0.self_attn.rotary_emb.inv_freq",
      "language_model.model.rotary_emb.inv_freq",
      "model.vision_tower.vision_model.embeddings.position_ids",
      "model.layers.1.self_attn.masked_bias",
      "model.language_model.rotary_emb.original_inv_freq",
      "vision_tower.vision_model.head.probe",
    ];
    const tensors: Changes["tensors"] = (all) => {
      for (const name of names) all.set(name, one);
    };
    const notes = await noted({ tensors });
    expect(notes).toHaveLength(2);
    expect(notes.join()).toMatch(/5 entries \(buffers.*inv_freq.*and 1 more/);
    expect(notes.join()).toMatch(/one entry .*pooling head.*head\.probe/);
  });

  it.each([
    ["module.", /DistributedDataParallel/],
    ["_orig_mod.", /torch\.compile/],
    ["wrapped.student.", /removeprefix\("wrapped\.student\."\)/],
  ])("with a wrapper's %s before every name", async (prefix, message) => {
    await refusedCopy("INVALID_FILE", { rename: (name) => prefix + name }, /begins with/, message);
  });

  it("as peft holds them while it trains", async () => {
    const rename = (name: string) =>
      `base_model.model.${name.replace("q_proj.weight", "q_proj.base_layer.weight")}`;
    await refusedCopy("INVALID_FILE", { rename }, /as peft holds them/, /merge_and_unload/);
  });

  it("a bias that the configuration denies", async () => {
    const tensors: Changes["tensors"] = (all) =>
      all.set("language_model.model.layers.0.self_attn.q_proj.bias", one);
    await refusedCopy("INVALID_FILE", { tensors }, /q_proj\.bias/);
  });

  it.each<[string, number[], RegExp]>([
    ["wrong size", [65], /norm\.weight.*\[64\].*\[65\]/],
    ["wrong number of dimensions", [64, 1], /norm\.weight.*\[64\].*\[64, 1\]/],
  ])("%s", async (_, shape, message) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b));
    await refusedCopy("INVALID_FILE", { tensors: (all) => all.set(norm, { shape, data }) }, message);
  });

  it("of an element type that is not read", async () => {
    const data = new Int32Array(64);
    const tensors: Changes["tensors"] = (all) => all.set(norm, { shape: [64], data });
    await refusedCopy("INVALID_FILE", { tensors }, /norm\.weight.*float16.*I32/);
  });

  it("two for one place", async () => {
    const tensors: Changes["tensors"] = (all) => all.set("model.language_model.norm.weight", all.get(norm)!);
    await refusedCopy("INVALID_FILE", { tensors }, /two tensors/, /norm\.weight/);
  });

  it("with names that lead elsewhere", async () => {
    await refusedCopy("UNSAFE_PATH", { tensors: (all) => all.set("../x", one) }, /"\.\.\/x"/);
  });
});

describe("shards", () => {
  const sharded = (change: (map: Record<string, string>, folder: string) => void) => {
    const folder = changedCopy(llama, {});
    const map = shard(folder, 2);
    change(map, folder);
    writeJson(folder, "model.safetensors.index.json", { weight_map: map });
    return folder;
  };
  const first = "model-00001-of-00002.safetensors";
  const second = "model-00002-of-00002.safetensors";

  it.each([
    "../model.safetensors",
    "/etc/passwd",
    "sub/model.safetensors",
    "..",
    "",
    "a\\b",
    "C:x",
    "a\0b",
  ])("outside the folder: %j", async (file) => {
    await refused(
      "UNSAFE_PATH",
      sharded((map) => {
        map[norm] = file;
      }),
      /outside its folder/,
    );
  });

  it("a file that is not there", async () => {
    await refused(
      "NOT_FOUND",
      sharded((_, folder) => rmSync(join(folder, second))),
      new RegExp(second),
    );
  });

  it("a tensor that is needed and in no file", async () => {
    const folder = sharded((map, at) => {
      const file = map[norm]!;
      const tensors = readFixture(join(at, file));
      tensors.delete(norm);
      writeFileSync(join(at, file), encodeTensors(tensors));
    });
    await refused("INVALID_FILE", folder, /index names a tensor/, /norm\.weight in model-0000/);
  });

  it.each([
    ["a layer beyond the last", "language_model.model.layers.9.input_layernorm.weight"],
    ["a buffer", "language_model.model.layers.0.self_attn.rotary_emb.inv_freq"],
    ["what no layout has", "qformer.query"],
  ])("but not %s that is in no file and nothing needs: that is said", async (_, name) => {
    const { notes, tensors } = await openCheckpoint(
      sharded((map) => {
        map[name] = first;
      }),
    );
    expect(notes).toEqual([
      expect.stringMatching(new RegExp(`one entry .*: ${name.replaceAll(".", "\\.")}$`)),
    ]);
    const plain = await openCheckpoint(goldenPath(llama));
    expect([...tensors.keys()].sort()).toEqual([...plain.tensors.keys()].sort());
  });

  it("but not a tensor in another shard than the index says: that is said", async () => {
    const folder = sharded((map) => {
      map[norm] = map[norm] === first ? second : first;
    });
    const { notes } = await openCheckpoint(folder);
    expect(notes).toEqual([expect.stringContaining(norm)]);
  });

  it("the same tensor in two files", async () => {
    const folder = sharded((_, at) => {
      for (const name of [first, second]) {
        const tensors = readFixture(join(at, name));
        writeFileSync(
          join(at, name),
          encodeTensors(tensors.set(norm, { shape: [64], data: new Float32Array(64) })),
        );
      }
    });
    await refused("INVALID_FILE", folder, /two shards/, /norm\.weight/);
  });

  it("a shard cut off", async () => {
    const folder = sharded((_, at) => truncateSync(join(at, second), 20_000));
    await refused("INVALID_FILE", folder, /truncated/);
  });

  it.each<[string, unknown]>([
    ["no weight_map", {}],
    ["a list", { weight_map: [] }],
    ["a file that is no text", { weight_map: { [norm]: 1 } }],
  ])("an index with %s", async (_, index) => {
    const folder = sharded(() => {});
    writeJson(folder, "model.safetensors.index.json", index);
    await refused("INVALID_FILE", folder, /weight_map/);
  });
});

describe("files", () => {
  it.each<[string, string[], ErrorCode, RegExp]>([
    ["config.json", ["config.json"], "NOT_FOUND", /config\.json/],
    ["weights", ["model.safetensors"], "NOT_FOUND", /model\.safetensors or pytorch_model\.bin/],
    ["tokenizer", ["tokenizer.json"], "NOT_FOUND", /tokenizer\.json or tokenizer\.model/],
    [
      "image settings",
      ["preprocessor_config.json", "processor_config.json"],
      "NOT_FOUND",
      /preprocessor_config/,
    ],
  ])("without %s", async (_, without, code, message) => {
    await refusedCopy(code, { without }, message);
  });

  it.each([
    ["checkpoint-500/config.json", /checkpoints of a training run: checkpoint-500/],
    ["global_step100/mp_rank_00_model_states.pt", /DeepSpeed: global_step100.*zero_to_fp32/],
    ["pytorch_model_fsdp_0/.metadata", /FSDP/],
    ["last.ckpt", /Lightning: last\.ckpt/],
    ["model-00001-of-00002.safetensors", /shards without their index/],
    ["adapter_model.bin", /an adapter: adapter_model\.bin.*--lora/],
    ["model.fp16.safetensors", /a variant of the weights/],
    ["llava.gguf", /llama\.cpp/],
    ["optimizer.pt", /state without its weights: optimizer\.pt/],
    ["weights.pth", /files of other names: weights\.pth/],
  ])("without weights that are read, but with %s, which is named", async (name, message) => {
    const folder = changedCopy(llama, { without: ["model.safetensors"] });
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), "");
    await refused("NOT_FOUND", folder, message);
  });

  it("beside a trainer's files: they are nobody's business", async () => {
    const folder = changedCopy(llama, {});
    for (const name of [
      "optimizer.pt",
      "scheduler.pt",
      "rng_state.pth",
      "training_args.bin",
      "trainer_state.json",
    ])
      writeFileSync(join(folder, name), "x");
    expect((await openCheckpoint(folder)).notes).toEqual([]);
  });

  it("a file instead of a folder", async () => {
    await refused(
      "NOT_FOUND",
      join(changedCopy(llama, {}), "model.safetensors"),
      /a file, not a checkpoint's folder/,
    );
  });

  it.each([
    ["version https://git-lfs.github.com/spec/v1\noid sha256:0\n", /pointer of git lfs.*git lfs pull/],
    ["<!DOCTYPE html><title>404</title>", /page of HTML/],
  ])("%j instead of weights", async (text, message) => {
    for (const name of ["model.safetensors", "pytorch_model.bin"]) {
      const folder = changedCopy(llama, { without: ["model.safetensors"] });
      writeFileSync(join(folder, name), text);
      await refused("INVALID_FILE", folder, message);
    }
  });

  it("settings that are read by nobody are said", async () => {
    const folder = changedCopy(llama, {
      config: (config) => {
        config.text_config.logit_scale = 0.5;
      },
    });
    writeJson(folder, "generation_config.json", {
      eos_token_id: 2,
      do_sample: true,
      repetition_penalty: 1.5,
      num_beams: 1,
    });
    const { notes } = await openCheckpoint(folder);
    expect(notes).toEqual([
      expect.stringMatching(/config\.json, text_config: .*: logit_scale$/),
      expect.stringMatching(/generation_config\.json: .*do_sample true, repetition_penalty 1\.5;/),
    ]);
  });

  it("no folder at all", async () => {
    await refused("NOT_FOUND", join(tmpdir(), "prumerge-no-such-folder"));
  });

  it.each([
    "config.json",
    "tokenizer.json",
    "preprocessor_config.json",
    "generation_config.json",
  ])("%s that is no JSON object", async (name) => {
    for (const text of ["", "{", "[]", "null", "\xff"]) {
      const folder = changedCopy(llama, {});
      writeFileSync(join(folder, name), text, "latin1");
      await refused("INVALID_FILE", folder, new RegExp(name.replace(".", "\\.")));
    }
  });

  it("a tokenizer without the image token", async () => {
    const folder = changedCopy(llama, {
      config: (config) => {
        config.image_token_index = 127;
      },
    });
    const tokenizer = JSON.parse(readFileSync(join(folder, "tokenizer.json"), "utf8"));
    for (const [token, id] of Object.entries(tokenizer.model.vocab)) {
      if (id === 127) delete tokenizer.model.vocab[token];
    }
    writeJson(folder, "tokenizer.json", tokenizer);
    await refused("INVALID_FILE", folder, /image token.*127/);
  });

  it.each([
    ["no model", { model: null }],
    ["a vocabulary that is text", { model: { vocab: "x" } }],
    ["an id that is text", { model: { vocab: { "<image>": "3" } } }],
    ["an added token that is null", { model: { vocab: { "<image>": 3 } }, added_tokens: [null] }],
    ["added tokens that are no list", { model: { vocab: { "<image>": 3 } }, added_tokens: {} }],
  ])("a tokenizer.json with %s", async (_, tokenizer) => {
    const folder = changedCopy(llama, {});
    writeJson(folder, "tokenizer.json", tokenizer);
    await refused("INVALID_FILE", folder, /not a tokenizer\.json|tokenizer\.json, added_tokens: /);
  });

  it("nothing that ends an answer", async () => {
    const folder = changedCopy(llama, {
      config: (config) => {
        config.text_config.eos_token_id = null;
      },
    });
    for (const name of ["generation_config.json", "tokenizer_config.json"]) writeJson(folder, name, {});
    await refused("INVALID_FILE", folder, /ends an answer/);
  });

  it("a chat template of another kind", async () => {
    const folder = changedCopy(llama, {});
    writeJson(folder, "tokenizer_config.json", { chat_template: [{ name: "rag", template: "" }] });
    await refused("INVALID_FILE", folder, /chat_template/);
  });
});

describe("what is no LLaVA checkpoint", () => {
  const vicuna = goldenPath("lora/lora-a/tiny-vicuna");
  const lora = goldenPath("lora/lora-a/llava-tiny-lora");

  it("a language model alone", async () => {
    await refused("UNSUPPORTED_MODEL", vicuna, /llama/, /--lora/);
  });

  it("a vision tower alone", async () => {
    await refused("UNSUPPORTED_MODEL", goldenPath("lora/lora-a/tiny-clip-24L"), /CLIPVisionModel/);
  });

  it("an adapter alone", async () => {
    await refused("UNSUPPORTED_MODEL", lora, /adapter without its base/, /--lora/);
  });

  it("an empty folder", async () => {
    await refused("NOT_FOUND", temporaryFolder(), /config\.json/);
  });

  it("an adapter on a whole Hugging Face checkpoint", async () => {
    const error = await refusal("UNSUPPORTED_MODEL", () => openCheckpoint(goldenPath(llama), { lora }));
    expect(error.message).toMatch(/base language model/);
  });

  it("parts that do not go together", async () => {
    const visionTower = goldenPath("lora/lora-a/tiny-clip-24L");
    await refusal("INVALID_OPTION", () => openCheckpoint(vicuna, { lora, projector: "x.bin", visionTower }));
    const error = await refusal("INVALID_OPTION", () => openCheckpoint(goldenPath(llama), { visionTower }));
    expect(error.message).toMatch(/visionTower/);
  });
});
