import { PrumergeError } from "../errors.js";
import type { ConfigReader } from "./config-reader.js";
import type { VisionTowerSpec } from "./spec.js";

export type VisionDefaults = Omit<VisionTowerSpec, "kind" | "classToken">;

/** Reads the fields that CLIP and SigLIP share. @throws PrumergeError `UNSUPPORTED_MODEL` or `INVALID_FILE`. */
export function visionTower(
  kind: VisionTowerSpec["kind"],
  config: ConfigReader,
  defaults: VisionDefaults,
): VisionTowerSpec {
  if (config.integer("num_channels", 3) !== 3) throw config.unsupported("num_channels", "3");
  const tower: VisionTowerSpec = {
    kind,
    hiddenSize: config.size("hidden_size", defaults.hiddenSize),
    layers: config.size("num_hidden_layers", defaults.layers),
    heads: config.size("num_attention_heads", defaults.heads),
    intermediateSize: config.size("intermediate_size", defaults.intermediateSize),
    imageSize: config.size("image_size", defaults.imageSize),
    patchSize: config.size("patch_size", defaults.patchSize),
    activation: config.choice("hidden_act", ["quick_gelu", "gelu", "gelu_pytorch_tanh"], defaults.activation),
    layerNormEpsilon: config.positive("layer_norm_eps", defaults.layerNormEpsilon),
    classToken: kind === "clip",
  };
  checkDivides(config, tower.heads, tower.hiddenSize);
  if (tower.patchSize > tower.imageSize) {
    throw new PrumergeError("INVALID_FILE", "patches larger than the picture", {
      where: config.where,
      expected: `patch_size up to ${tower.imageSize}`,
      found: String(tower.patchSize),
    });
  }
  return tower;
}

export function checkDivides(config: ConfigReader, heads: number, hiddenSize: number): void {
  if (hiddenSize % heads === 0) return;
  throw new PrumergeError("INVALID_FILE", "hidden_size is not a multiple of num_attention_heads", {
    where: config.where,
    found: `${hiddenSize} and ${heads}`,
  });
}
