import { ConfigReader } from "./config-reader.js";
import type { RopeSpec } from "./spec.js";

/**
 * Rotary embedding and usable context of a language model's configuration, in the old form (`rope_theta` and
 * `rope_scaling`) or the new one (`rope_parameters`).
 *
 * The context is what the scaling was made for: `max_position_embeddings` times the factor for linear, dynamic and
 * yarn where the configuration gives the length before scaling; otherwise `max_position_embeddings` as it is.
 *
 * @throws PrumergeError `UNSUPPORTED_MODEL` for kinds other than default, linear, dynamic, llama3 and yarn.
 */
export function parseRope(config: ConfigReader, maxPositions: number): { rope: RopeSpec; context: number } {
  const scaling = ropeObject(config);
  const theta = scaling.positive("rope_theta", config.positive("rope_theta", 10000));
  for (const place of [scaling, config]) {
    if (place.positive("partial_rotary_factor", 1) !== 1)
      throw place.unsupported("partial_rotary_factor", "1");
  }
  const key = scaling.has("rope_type") ? "rope_type" : "type";
  const kind = scaling.choice(key, ["default", "linear", "dynamic", "llama3", "yarn"], "default");
  const original = originalContext(config, scaling);
  const originalContextSize = original ?? maxPositions;
  switch (kind) {
    case "default":
      return { rope: { kind, theta }, context: maxPositions };
    case "linear": {
      const factor = scaling.positive("factor");
      return { rope: { kind, theta, factor }, context: scaled(maxPositions, factor, original) };
    }
    case "dynamic": {
      const factor = scaling.positive("factor");
      // transformers takes max_position_embeddings here, whatever the original length says.
      const rope = { kind, theta, factor, originalContext: maxPositions };
      return { rope, context: scaled(maxPositions, factor, undefined) };
    }
    case "llama3":
      return {
        context: maxPositions,
        rope: {
          kind,
          theta,
          factor: scaling.positive("factor"),
          lowFrequencyFactor: scaling.positive("low_freq_factor"),
          highFrequencyFactor: scaling.positive("high_freq_factor"),
          originalContext: originalContextSize,
        },
      };
    case "yarn": {
      const factor = scaling.positive("factor", maxPositions / originalContextSize);
      return {
        context: Math.max(maxPositions, Math.floor(originalContextSize * factor)),
        rope: {
          kind,
          theta,
          factor,
          originalContext: originalContextSize,
          betaFast: scaling.positive("beta_fast", 32),
          betaSlow: scaling.positive("beta_slow", 1),
          truncate: scaling.boolean("truncate", true),
          ...optional(scaling, "attention_factor", "attentionFactor"),
          ...optional(scaling, "mscale", "mscale"),
          ...optional(scaling, "mscale_all_dim", "mscaleAllDim"),
        },
      };
    }
  }
}

/** The old form counts where both are given and it says anything, as in transformers. */
function ropeObject(config: ConfigReader): ConfigReader {
  for (const key of ["rope_scaling", "rope_parameters"]) {
    const found = config.object(key);
    if (found === undefined || found.isEmpty()) continue;
    for (const kind of ["full_attention", "sliding_attention"]) {
      if (found.has(kind)) throw config.unsupported(key, "one rotation for all layers");
    }
    return found;
  }
  return new ConfigReader({}, config.where);
}

function originalContext(config: ConfigReader, scaling: ConfigReader): number | undefined {
  const key = "original_max_position_embeddings";
  const place = config.has(key) ? config : scaling;
  return place.has(key) ? place.size(key) : undefined;
}

/** Where the length before scaling is given apart, `max_position_embeddings` is already the length after it. */
function scaled(maxPositions: number, factor: number, original: number | undefined): number {
  return original === undefined ? Math.floor(maxPositions * factor) : maxPositions;
}

/** transformers takes 0 for absent here. */
function optional<Key extends string>(
  scaling: ConfigReader,
  key: string,
  name: Key,
): { readonly [K in Key]?: number } {
  const given = scaling.has(key) && scaling.raw(key) !== 0;
  return given ? ({ [name]: scaling.positive(key) } as { [K in Key]: number }) : {};
}
