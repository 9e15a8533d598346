import { ConfigReader } from "./config-reader.js";
import type { RopeSpec } from "./spec.js";

/** What a family has otherwise. */
export interface RopeDefaults {
  /** The base where a configuration says none; default 10,000. */
  readonly theta?: number;
  /** Width of a head of a model whose positions have three coordinates; left out: they have one, whatever is said of more. */
  readonly threeAxesOf?: number;
}

/**
 * Rotary embedding and usable context of a language model's configuration, in the old form (`rope_theta` and
 * `rope_scaling`) or the new one (`rope_parameters`).
 *
 * The context is what the scaling was made for: `max_position_embeddings` times the factor for linear, dynamic and
 * yarn where the configuration gives the length before scaling; otherwise `max_position_embeddings` as it is.
 *
 * @throws PrumergeError `UNSUPPORTED_MODEL` for kinds other than default, linear, dynamic, llama3 and yarn.
 */
export function parseRope(
  config: ConfigReader,
  maxPositions: number,
  { theta: defaultTheta = 10000, threeAxesOf }: RopeDefaults = {},
): { rope: RopeSpec; context: number } {
  const scaling = ropeObject(config);
  const theta = scaling.positive("rope_theta", config.positive("rope_theta", defaultTheta));
  for (const place of [scaling, config]) {
    if (place.positive("partial_rotary_factor", 1) !== 1)
      throw place.unsupported("partial_rotary_factor", "1");
  }
  const key = scaling.has("rope_type") ? "rope_type" : "type";
  const axes = threeAxesOf === undefined ? undefined : parseAxes(scaling, threeAxesOf);
  // With sections `mrope` is no scaling: it says that positions have three coordinates.
  const named = axes !== undefined && scaling.raw(key) === "mrope";
  const kind = named
    ? "default"
    : scaling.choice(key, ["default", "linear", "dynamic", "llama3", "yarn"], "default");
  if (axes !== undefined && kind !== "default")
    throw scaling.unsupported(key, "default or mrope beside mrope_section");
  const original = originalContext(config, scaling);
  const originalContextSize = original ?? maxPositions;
  switch (kind) {
    case "default":
      return { rope: { kind, theta, ...(axes !== undefined && { axes }) }, context: maxPositions };
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

/** Frequencies for each of a position's three coordinates (Qwen2-VL's `mrope_section`), which are half of a head. */
function parseAxes(scaling: ConfigReader, headDim: number) {
  const given = scaling.raw("mrope_section");
  if (given === undefined) return undefined;
  const [time, row, column] = given as readonly number[];
  const whole = (size: unknown) => Number.isSafeInteger(size) && (size as number) >= 0;
  const fits = Array.isArray(given) && given.length === 3 && given.every(whole);
  if (!fits || time! + row! + column! !== headDim / 2)
    throw scaling.unsupported("mrope_section", `three whole numbers, together ${headDim / 2}`);
  const sections = [time!, row!, column!] as const;
  return { sections, interleaved: scaling.boolean("mrope_interleaved", false) };
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
