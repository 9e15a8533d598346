import { type FileHandle, open } from "node:fs/promises";
import { embeddingWeight, languagePrefix, outputWeight } from "../../../src/graphs/names.js";
import type { WeightRecipe } from "../../../src/graphs/weights.js";
import type { LanguageModelSpec } from "../../../src/models/spec.js";
import type { Placement, WeightFile } from "../../../src/onnx/weight-file.js";
import { encodeFloat16 } from "../../../src/tensor/half.js";
import { type GgufTensor, type GgufValue, writeGguf } from "./gguf.js";

/** Our blocks of 32 numbers of 4 bits, 16 bytes each; the format's are 18, with the scale in front. */
const [ourBytes, theirBytes] = [16, 18];

/** Weight files of a model folder, and where their bytes lie. */
export interface PlacedWeights {
  readonly path: string;
  readonly file: WeightFile<WeightRecipe>;
}

/**
 * A language model of Llama's kind as llama.cpp reads it: the very weights of a folder's 4-bit decoder in its `Q4_0`, whose numbers mean
 * the same (scales are rounded to float16), norms and embeddings in float32. The vocabulary is made up.
 */
export async function writeGgufModel(
  path: string,
  spec: LanguageModelSpec,
  weights: readonly PlacedWeights[],
): Promise<void> {
  const files = await Promise.all(
    weights.map(async ({ path: from, file }) => ({ handle: await open(from), file })),
  );
  try {
    const find = (key: string): Placed => {
      for (const { handle, file } of files) {
        const placement = file.placements.find((one) => one.key === key);
        if (placement !== undefined) return { handle, placement };
      }
      throw new Error(`${key} is in none of the weight files`);
    };
    await writeGguf(path, described(spec), tensors(spec, find));
  } finally {
    for (const { handle } of files) await handle.close();
  }
}

interface Placed {
  readonly handle: FileHandle;
  readonly placement: Placement<WeightRecipe>;
}

function tensors(spec: LanguageModelSpec, find: (key: string) => Placed): GgufTensor[] {
  const { hiddenSize, intermediateSize, vocabularySize, heads, keyValueHeads, headDim } = spec;
  const plain = (name: string, key: string, shape: number[]): GgufTensor => ({
    ...{ name, type: "float32", shape },
    bytes: () => pieces(find(key)),
  });
  const quantised = (name: string, key: string, rows: number, columns: number, turned = 0): GgufTensor => ({
    ...{ name, type: "q4_0", shape: [rows, columns] },
    bytes: () => inBlocks(find(`${key}.q4`), find(`${key}.q4.scales`), rows, columns / 32, turned),
  });
  const all = [
    plain("token_embd.weight", embeddingWeight, [vocabularySize, hiddenSize]),
    plain("output_norm.weight", `${languagePrefix}.norm.weight`, [hiddenSize]),
    quantised("output.weight", outputWeight, vocabularySize, hiddenSize),
  ];
  for (let layer = 0; layer < spec.layers; layer++) {
    const [to, from] = [`blk.${layer}`, `${languagePrefix}.layers.${layer}`];
    const [wide, narrow] = [heads * headDim, keyValueHeads * headDim];
    all.push(
      plain(`${to}.attn_norm.weight`, `${from}.input_layernorm.weight`, [hiddenSize]),
      plain(`${to}.ffn_norm.weight`, `${from}.post_attention_layernorm.weight`, [hiddenSize]),
      quantised(`${to}.attn_q.weight`, `${from}.self_attn.q_proj.weight`, wide, hiddenSize, headDim),
      quantised(`${to}.attn_k.weight`, `${from}.self_attn.k_proj.weight`, narrow, hiddenSize, headDim),
      quantised(`${to}.attn_v.weight`, `${from}.self_attn.v_proj.weight`, narrow, hiddenSize),
      quantised(`${to}.attn_output.weight`, `${from}.self_attn.o_proj.weight`, hiddenSize, wide),
      quantised(`${to}.ffn_gate.weight`, `${from}.mlp.gate_proj.weight`, intermediateSize, hiddenSize),
      quantised(`${to}.ffn_up.weight`, `${from}.mlp.up_proj.weight`, intermediateSize, hiddenSize),
      quantised(`${to}.ffn_down.weight`, `${from}.mlp.down_proj.weight`, hiddenSize, intermediateSize),
    );
  }
  return all;
}

async function* pieces({ handle, placement: { offset, byteLength } }: Placed): AsyncIterable<Uint8Array> {
  const step = 2 ** 24;
  for (let at = 0; at < byteLength; at += step) {
    yield await read(handle, offset + at, Math.min(step, byteLength - at));
  }
}

/**
 * Rows in the format's blocks: the first 16 numbers of a block are the lower halves of its bytes, where ours alternate.
 *
 * @param turned width of a head whose rows are put as the format's rotation wants them, pairs side by side (ours: halves apart); 0: as they are
 */
async function* inBlocks(
  numbers: Placed,
  scales: Placed,
  rows: number,
  perRow: number,
  turned: number,
): AsyncIterable<Uint8Array> {
  // Whole heads at a time.
  const step = turned === 0 ? 256 : turned;
  for (let first = 0; first < rows; first += step) {
    const count = Math.min(step, rows - first);
    const [ours, factors] = [
      await read(
        numbers.handle,
        numbers.placement.offset + first * perRow * ourBytes,
        count * perRow * ourBytes,
      ),
      await read(scales.handle, scales.placement.offset + first * perRow * 4, count * perRow * 4),
    ];
    const halves = encodeFloat16(new Float32Array(factors.buffer, factors.byteOffset, count * perRow));
    const out = new Uint8Array(count * perRow * theirBytes);
    for (let row = 0; row < count; row++) {
      const source = turned === 0 ? row : (row % 2) * (turned / 2) + (row >> 1);
      for (let block = 0; block < perRow; block++) {
        const from = source * perRow + block;
        const to = (row * perRow + block) * theirBytes;
        out[to] = halves[from]! & 0xff;
        out[to + 1] = halves[from]! >> 8;
        for (let at = 0; at < ourBytes / 2; at++) {
          const low = ours[from * ourBytes + at]!;
          const high = ours[from * ourBytes + at + ourBytes / 2]!;
          out[to + 2 + 2 * at] = (low & 15) | ((high & 15) << 4);
          out[to + 3 + 2 * at] = (low >> 4) | (high & 0xf0);
        }
      }
    }
    yield out;
  }
}

async function read(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await handle.read(bytes, 0, length, position);
  if (bytesRead !== length) throw new Error(`a weight file ends ${length - bytesRead} bytes too early`);
  return bytes;
}

function described(spec: LanguageModelSpec): Record<string, GgufValue> {
  const uint32 = (value: number): GgufValue => ({ type: "uint32", value });
  const { rope } = spec;
  if (spec.kind !== "llama" || rope.kind !== "default") throw new Error("only Llama's kind is written");
  return {
    "general.architecture": { type: "string", value: "llama" },
    "general.name": { type: "string", value: "generated weights" },
    "general.file_type": uint32(2), // mostly Q4_0
    "general.quantization_version": uint32(2),
    "general.alignment": uint32(32),
    "llama.vocab_size": uint32(spec.vocabularySize),
    "llama.context_length": uint32(spec.context),
    "llama.embedding_length": uint32(spec.hiddenSize),
    "llama.block_count": uint32(spec.layers),
    "llama.feed_forward_length": uint32(spec.intermediateSize),
    "llama.attention.head_count": uint32(spec.heads),
    "llama.attention.head_count_kv": uint32(spec.keyValueHeads),
    "llama.attention.layer_norm_rms_epsilon": { type: "float32", value: spec.rmsNormEpsilon },
    "llama.rope.dimension_count": uint32(spec.headDim),
    "llama.rope.freq_base": { type: "float32", value: rope.theta },
    ...vocabulary(spec.vocabularySize),
  };
}

/** One of SentencePiece's kind, as small as the format takes: marks, every byte, and words that nobody says. */
function vocabulary(size: number): Record<string, GgufValue> {
  const [normal, unknown, control, byte] = [1, 2, 3, 6];
  const marks = ["<unk>", "<s>", "</s>"];
  const tokens = Array.from({ length: size }, (_, id) => {
    if (id < 3) return marks[id]!;
    if (id < 259) return `<0x${(id - 3).toString(16).toUpperCase().padStart(2, "0")}>`;
    return `word${id}`;
  });
  const types = tokens.map((_, id) => (id === 0 ? unknown : id < 3 ? control : id < 259 ? byte : normal));
  return {
    "tokenizer.ggml.model": { type: "string", value: "llama" },
    "tokenizer.ggml.tokens": { type: "strings", value: tokens },
    "tokenizer.ggml.scores": { type: "float32s", value: tokens.map((_, id) => -id) },
    "tokenizer.ggml.token_type": { type: "int32s", value: types },
    "tokenizer.ggml.bos_token_id": { type: "uint32", value: 1 },
    "tokenizer.ggml.eos_token_id": { type: "uint32", value: 2 },
    "tokenizer.ggml.unknown_token_id": { type: "uint32", value: 0 },
    "tokenizer.ggml.add_bos_token": { type: "bool", value: false },
  };
}
