import type { ConfigReader } from "../../models/config-reader.js";
import type { Json } from "../../models/files/json-file.js";
import { unreadFields } from "../../models/unread-fields.js";
import type { Notes } from "./notes.js";

/** Says which fields of configurations, once they were read, nobody has asked for. */
export function noteUnread(configs: readonly ConfigReader[], notes: Notes): void {
  for (const { where, keys } of configs.flatMap(unreadFields))
    notes.add(`${where}: fields that are not known here and have no effect: ${keys.join(", ")}`);
}

/** What transformers' `generate` takes from generation_config.json by itself, with the values that change nothing. */
const generationSettings: Readonly<Record<string, readonly unknown[]>> = {
  bad_words_ids: [],
  begin_suppress_tokens: [],
  do_sample: [false],
  encoder_repetition_penalty: [1],
  exponential_decay_length_penalty: [],
  forced_bos_token_id: [],
  forced_eos_token_id: [],
  guidance_scale: [1],
  min_length: [0],
  min_new_tokens: [0],
  no_repeat_ngram_size: [0],
  num_beams: [1],
  penalty_alpha: [0],
  repetition_penalty: [1],
  sequence_bias: [],
  stop_strings: [],
};

/** Says which settings of generation_config.json answers here do not follow, where they would in Python. */
export function noteGenerationSettings(generationConfig: Json, where: string, notes: Notes): void {
  const followed = (key: string, value: unknown) =>
    value === undefined || value === null || generationSettings[key]!.includes(value);
  const keys = Object.keys(generationSettings).filter((key) => !followed(key, generationConfig[key]));
  if (keys.length === 0) return;
  const given = keys.map((key) => `${key} ${JSON.stringify(generationConfig[key])}`.slice(0, 80)).join(", ");
  notes.add(
    `${where}, generation_config.json: answers do not follow ${given}; say how to sample when asking`,
  );
}
