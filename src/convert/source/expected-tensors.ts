import {
  embeddingWeight,
  languagePrefix,
  outputWeight,
  projectorPrefix,
  visionPrefix,
} from "../../graphs/names.js";
import { type ModelSpec, patchCount } from "../../models/spec.js";

/** Canonical names and shapes of all tensors that a model of this kind has. */
export function expectedTensors(spec: ModelSpec): Map<string, readonly number[]> {
  return new Map([...visionTensors(spec), ...projectorTensors(spec), ...languageTensors(spec)]);
}

type Expected = Iterable<[name: string, shape: readonly number[]]>;

function* visionTensors({ vision }: ModelSpec): Expected {
  const { hiddenSize: width, intermediateSize, patchSize, classToken } = vision;
  const positions = patchCount(vision) + (classToken ? 1 : 0);
  if (classToken) yield [`${visionPrefix}.embeddings.class_embedding`, [width]];
  yield [`${visionPrefix}.embeddings.patch_embedding.weight`, [width, 3, patchSize, patchSize]];
  if (!classToken) yield [`${visionPrefix}.embeddings.patch_embedding.bias`, [width]];
  yield [`${visionPrefix}.embeddings.position_embedding.weight`, [positions, width]];
  if (classToken) yield* affine(`${visionPrefix}.pre_layrnorm`, [width]);
  for (let layer = 0; layer < vision.layers; layer++) {
    const prefix = `${visionPrefix}.encoder.layers.${layer}`;
    for (const part of ["q_proj", "k_proj", "v_proj", "out_proj"]) {
      yield* affine(`${prefix}.self_attn.${part}`, [width, width]);
    }
    yield* affine(`${prefix}.mlp.fc1`, [intermediateSize, width]);
    yield* affine(`${prefix}.mlp.fc2`, [width, intermediateSize]);
    yield* affine(`${prefix}.layer_norm1`, [width]);
    yield* affine(`${prefix}.layer_norm2`, [width]);
  }
  yield* affine(`${visionPrefix}.post_layernorm`, [width]);
}

function* projectorTensors({ vision, projector, language }: ModelSpec): Expected {
  yield* affine(`${projectorPrefix}.linear_1`, [projector.hiddenSize, vision.hiddenSize], projector.bias);
  yield* affine(`${projectorPrefix}.linear_2`, [language.hiddenSize, projector.hiddenSize], projector.bias);
}

function* languageTensors({ language }: ModelSpec): Expected {
  const { hiddenSize, heads, keyValueHeads, headDim, intermediateSize, vocabularySize } = language;
  yield [embeddingWeight, [vocabularySize, hiddenSize]];
  if (!language.tiedEmbeddings) yield [outputWeight, [vocabularySize, hiddenSize]];
  yield [`${languagePrefix}.norm.weight`, [hiddenSize]];
  for (let layer = 0; layer < language.layers; layer++) {
    const prefix = `${languagePrefix}.layers.${layer}`;
    const { queryKeyValueBias, outputBias, mlpBias } = language;
    yield* affine(`${prefix}.self_attn.q_proj`, [heads * headDim, hiddenSize], queryKeyValueBias);
    yield* affine(`${prefix}.self_attn.k_proj`, [keyValueHeads * headDim, hiddenSize], queryKeyValueBias);
    yield* affine(`${prefix}.self_attn.v_proj`, [keyValueHeads * headDim, hiddenSize], queryKeyValueBias);
    yield* affine(`${prefix}.self_attn.o_proj`, [hiddenSize, heads * headDim], outputBias);
    yield* affine(`${prefix}.mlp.gate_proj`, [intermediateSize, hiddenSize], mlpBias);
    yield* affine(`${prefix}.mlp.up_proj`, [intermediateSize, hiddenSize], mlpBias);
    yield* affine(`${prefix}.mlp.down_proj`, [hiddenSize, intermediateSize], mlpBias);
    yield [`${prefix}.input_layernorm.weight`, [hiddenSize]];
    yield [`${prefix}.post_attention_layernorm.weight`, [hiddenSize]];
  }
}

function* affine(name: string, shape: readonly number[], bias = true): Expected {
  yield [`${name}.weight`, shape];
  if (bias) yield [`${name}.bias`, [shape[0]!]];
}
