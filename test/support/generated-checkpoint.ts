import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkpointTensors } from "../../src/families/checkpoint-tensors.js";
import type { ModelSpec } from "../../src/models/spec.js";
import {
  generatedContents,
  type WeightShard,
  writeSafetensorsShard,
  writeTorchShard,
} from "./synthetic-shards.js";
import { syntheticTokenizer } from "./synthetic-tokenizer.js";

export interface GeneratedOptions {
  /** Largest shard, bytes. */
  readonly shardBytes: number;
  /** safetensors shards, or torch zip `.bin` shards; both with an index. */
  readonly form: "safetensors" | "torch";
}

/** What stands beside a checkpoint's weights. */
export interface SmallFiles {
  /** `config.json`, which means the spec. */
  readonly config: unknown;
  /** `preprocessor_config.json`. */
  readonly preprocessor: unknown;
  /** `chat_template.jinja`; default: none. */
  readonly template?: string;
  /** Special tokens of the vocabulary, whose ids come right before the image token's. */
  readonly markers?: readonly string[];
}

/**
 * Writes a checkpoint in the hub's layout with generated float16 weights: a sharded folder that converts, loads and answers
 * (nonsense) like a real one. Weights repeat a pool of normal numbers, so that 13 GB take disk time only.
 *
 * @returns bytes of all weights
 */
export function writeGeneratedCheckpoint(
  folder: string,
  spec: ModelSpec,
  { config, preprocessor, template, markers = [] }: SmallFiles,
  { form, shardBytes }: GeneratedOptions,
): number {
  mkdirSync(folder, { recursive: true });
  const shards = cutIntoShards(spec, shardBytes);
  const extension = form === "safetensors" ? ".safetensors" : ".bin";
  const stem = form === "safetensors" ? "model" : "pytorch_model";
  const number = (n: number) => String(n).padStart(5, "0");
  const weightMap: Record<string, string> = {};
  const contents = generatedContents();
  let total = 0;
  for (const [index, shard] of shards.entries()) {
    const name = `${stem}-${number(index + 1)}-of-${number(shards.length)}${extension}`;
    const write = form === "safetensors" ? writeSafetensorsShard : writeTorchShard;
    write(join(folder, name), shard, contents);
    for (const tensor of shard) {
      weightMap[tensor.name] = name;
      total += tensor.elements * 2;
    }
  }
  const json = (name: string, value: unknown) =>
    writeFileSync(join(folder, name), JSON.stringify(value, null, 2));
  json(`${stem}${extension}.index.json`, { metadata: { total_size: total }, weight_map: weightMap });
  json("config.json", config);
  json("generation_config.json", { bos_token_id: 1, eos_token_id: 2, pad_token_id: 0 });
  json("preprocessor_config.json", preprocessor);
  json("tokenizer.json", syntheticTokenizer(spec.language.vocabularySize, spec.imageTokenId, markers));
  if (template !== undefined) writeFileSync(join(folder, "chat_template.jinja"), template);
  json("tokenizer_config.json", {
    tokenizer_class: "PreTrainedTokenizerFast",
    bos_token: "<s>",
    eos_token: "</s>",
    unk_token: "<unk>",
    padding_side: "left",
    clean_up_tokenization_spaces: false,
  });
  return total;
}

function cutIntoShards(spec: ModelSpec, shardBytes: number): WeightShard[] {
  const shards: WeightShard[] = [[]];
  let bytes = 0;
  for (const [name, shape] of checkpointTensors(spec)) {
    const elements = shape.reduce((product, size) => product * size, 1);
    if (bytes > 0 && bytes + elements * 2 > shardBytes) {
      shards.push([]);
      bytes = 0;
    }
    bytes += elements * 2;
    shards.at(-1)!.push({ name, shape, elements, fill: fillOf(name) });
  }
  return shards;
}

function fillOf(name: string): "normal" | "one" | "zero" {
  if (name.endsWith(".bias")) return "zero";
  return /(norm\d?|ln_q)\.weight$/.test(name) ? "one" : "normal";
}
