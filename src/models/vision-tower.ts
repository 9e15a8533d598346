import { parseClip } from "./clip.js";
import type { ConfigReader } from "./config-reader.js";
import { parseSiglip } from "./siglip.js";
import type { VisionTowerSpec } from "./spec.js";

/**
 * A vision tower's own configuration, or one nested in a LLaVA or two-tower (`clip`, `siglip`) configuration.
 *
 * @param byDefault the `model_type` where the configuration says none
 */
export function parseVisionTower(
  config: ConfigReader,
  byDefault: `${VisionTowerSpec["kind"]}_vision_model` = "clip_vision_model",
): VisionTowerSpec {
  const type = config.string("model_type", byDefault);
  const nested = config.object("vision_config");
  switch (type) {
    case "clip_vision_model":
      return parseClip(config);
    case "siglip_vision_model":
      return parseSiglip(config);
    case "clip":
      if (nested !== undefined) return parseClip(nested);
      break;
    case "siglip":
      if (nested !== undefined) return parseSiglip(nested);
      break;
  }
  throw config.unsupported("model_type", "a vision tower clip_vision_model or siglip_vision_model");
}
