import { readFileSync } from "node:fs";
import type { SmallFiles } from "../../test/support/generated-checkpoint.js";
import { smolVlmMarkers, smolVlmTemplate } from "../../test/support/synthetic-checkpoint.js";

type Json = Record<string, unknown>;

/** A picture's size, pixels. */
export type Size = readonly [width: number, height: number];

/** A checkpoint of a family by its configuration, and what it is asked. */
export interface FamilyCheckpoint {
  readonly files: SmallFiles;
  /** The picture that first tokens are timed with. */
  readonly picture: Size;
  /** Of the unreduced visual tokens, or a count. */
  readonly keep: number | { readonly share: number };
  readonly method: string;
  /** Methods whose planning is timed. */
  readonly planners: readonly string[];
  /** Unreduced over reduced, in the language model's part, at least; left out where none is aimed at. */
  readonly target?: number;
}

const planners = ["prumerge", "prumerge+", "cover"];
const template =
  "{% for message in messages %}{% for part in message.content %}" +
  "{% if part.type == 'image' %}<image>{% else %}{{ part.text }}{% endif %}{% endfor %}{% endfor %}";

/** Real geometries: what the released configurations say. */
export const familyCheckpoints: Readonly<Record<string, () => FamilyCheckpoint>> = {
  "smolvlm-256m": () => ({
    files: {
      config: recorded("smolvlm", "256M"),
      preprocessor: {
        image_processor_type: "Idefics3ImageProcessor",
        size: { longest_edge: 2048 },
        max_image_size: { longest_edge: 512 },
      },
      template: smolVlmTemplate,
      markers: smolVlmMarkers,
    },
    picture: [640, 480],
    keep: { share: 0.1 },
    method: "prumerge+",
    planners,
  }),
  "llava-onevision-0.5b": () => {
    const config = recorded("llava-onevision", "0.5b");
    return {
      files: {
        config,
        preprocessor: {
          image_processor_type: "LlavaOnevisionImageProcessor",
          size: { height: 384, width: 384 },
          image_mean: [0.5, 0.5, 0.5],
          image_std: [0.5, 0.5, 0.5],
          image_grid_pinpoints: config.image_grid_pinpoints,
        },
        template,
      },
      picture: [640, 480],
      keep: { share: 0.1 },
      method: "prumerge+",
      planners,
      target: 4,
    };
  },
  "qwen2.5-vl-3b": () => ({
    files: {
      config: qwen25Vl3B,
      preprocessor: {
        image_processor_type: "Qwen2VLImageProcessor",
        min_pixels: 3136,
        max_pixels: 12_845_056,
      },
      template,
    },
    picture: [1008, 1008],
    keep: { share: 0.2 },
    method: "cover",
    planners: ["cover"],
    target: 3.5,
  }),
  "llava-next-7b": () => {
    const config = recorded("llava-next", "vicuna-7b");
    return {
      files: {
        config,
        preprocessor: {
          image_processor_type: "LlavaNextImageProcessor",
          size: { shortest_edge: 336 },
          crop_size: { height: 336, width: 336 },
          image_grid_pinpoints: config.image_grid_pinpoints,
        },
        template,
      },
      picture: [672, 672],
      keep: 160,
      method: "prumerge+",
      planners,
      target: 6,
    };
  },
};

/** A configuration that is kept for tests, as it is released. */
function recorded(family: string, name: string): Json {
  const path = new URL(`../../test/fixtures/${family}/configs.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8"))[name].config;
}

/** What the released configuration says; of the tower, the rest are its class's defaults. */
const qwen25Vl3B = {
  architectures: ["Qwen2_5_VLForConditionalGeneration"],
  model_type: "qwen2_5_vl",
  image_token_id: 151_655,
  hidden_act: "silu",
  hidden_size: 2048,
  intermediate_size: 11_008,
  max_position_embeddings: 128_000,
  num_attention_heads: 16,
  num_hidden_layers: 36,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  rope_theta: 1_000_000,
  rope_scaling: { type: "mrope", mrope_section: [16, 24, 24] },
  tie_word_embeddings: true,
  vocab_size: 151_936,
  vision_config: { hidden_size: 1280, out_hidden_size: 2048, in_chans: 3, spatial_patch_size: 14 },
};

/**
 * The same with fewer layers, and words that say so. The layer that is read stays the same counted from the end.
 *
 * @param language layers of the language model, `tower` of the tower; undefined: all
 */
export function withLayers(
  files: SmallFiles,
  language: string | undefined,
  tower: string | undefined,
): { readonly files: SmallFiles; readonly told: string } {
  const config = structuredClone(files.config) as Json;
  const text = (config.text_config ?? config) as Json;
  const vision = config.vision_config as Json;
  if (language !== undefined) text.num_hidden_layers = Number(language);
  const depth = config.model_type === "qwen2_5_vl" ? "depth" : "num_hidden_layers";
  if (tower !== undefined) vision[depth] = Number(tower);
  const told = [
    ...(language === undefined ? [] : [`${language} layers of its language model`]),
    ...(tower === undefined ? [] : [`${tower} of its tower`]),
  ];
  return { files: { ...files, config }, told: told.length === 0 ? "" : ` with ${told.join(" and ")}` };
}
